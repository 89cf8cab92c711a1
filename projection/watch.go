package projection

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// Touch is one event that changed rows of a place.
type Touch struct {
	Event *eventlog.Event
	Time  eventlog.Time
	Rows  []RowChange // by rising key
}

// Watch calls yield for every event that changes rows of a place, from now on. It is set on a fold that begins before the first
// event, so that it knows the rows from their beginning.
func (f *Fold) Watch(place Place, yield func(Touch)) error {
	for _, m := range f.members {
		if m.projection.Name() != place.Projection {
			continue
		}
		for _, t := range m.tables {
			if t.name == place.Table {
				m.watch = &watch{table: t.index, prefix: place.Prefix, known: map[Key]any{}, yield: yield}
				return nil
			}
		}
	}
	return fmt.Errorf("projection: there is no table %s/%s to be watched", place.Projection, place.Table)
}

// watch follows the rows of one place.
type watch struct {
	table  int
	prefix Key
	known  map[Key]any // the rows as they are
	yield  func(Touch)
}

// look compares what the event that was just applied has written with what was known.
func (w *watch) look(m *member, in *Input) {
	touch := Touch{Event: &in.event, Time: in.Record.Time}
	for _, key := range w.touched(m) {
		after, _ := m.open[w.table].get(key)
		before := w.known[key]
		if reflect.DeepEqual(before, after) {
			continue
		}
		if after == nil {
			delete(w.known, key)
		} else {
			w.known[key] = after
		}
		touch.Rows = append(touch.Rows, RowChange{Table: m.tables[w.table].name, Key: key, Before: before, After: after})
	}
	if len(touch.Rows) > 0 {
		w.yield(touch)
	}
}

// touched returns the keys of the place that the event has written or whose range it has deleted, by rising key.
func (w *watch) touched(m *member) []Key {
	var out []Key
	for _, u := range m.journal {
		switch {
		case u.table != w.table:
		case !u.cover && u.key.HasPrefix(w.prefix):
			out = append(out, u.key)
		case u.cover:
			for key := range w.known {
				if key.HasPrefix(u.key) {
					out = append(out, key)
				}
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
