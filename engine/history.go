package engine

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
)

// History applies the history from its first event beside the live state, and calls yield for every event that changed a thing:
// see projection.Store.ParsePlace for how it is named. It ends at the event that the log ended with when it began, or when yield
// returns false.
func (w *Worker) History(ctx context.Context, path string, yield func(projection.Touch) bool) (Cost, error) {
	place, err := w.store.ParsePlace(path)
	if err != nil {
		return Cost{}, projection.Fail(projection.BadRequest, "%s", err)
	}
	bounds, err := w.config.Log.Bounds(ctx)
	if err != nil || bounds.Last == 0 {
		return Cost{}, err
	}
	done, err := w.pasts.slot(ctx)
	if err != nil {
		return Cost{}, err
	}
	defer done()
	to := target{seq: bounds.Last}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	b := &builder{worker: w, to: to, names: []string{place.Projection}, fromStart: true}
	b.watch = func(f *projection.Fold) error {
		return f.Watch(place, func(t projection.Touch) {
			if ctx.Err() == nil && !yield(t) {
				stop(errEnough)
			}
		})
	}
	made, err := b.run(ctx)
	if errors.Is(context.Cause(ctx), errEnough) {
		err = nil
	}
	if err != nil || made == nil {
		return Cost{}, err
	}
	return made.cost, made.store.Close()
}

var errEnough = errors.New("engine: enough was seen")

// TouchView is one event that changed a thing, as it is shown.
type TouchView struct {
	Sequence    uint64    `json:"sequence"`
	Time        time.Time `json:"time"`
	Subject     string    `json:"subject"`
	EventType   string    `json:"event_type"`
	EventID     *string   `json:"event_id"`
	Correlation *string   `json:"correlation_id"`
	Actor       *string   `json:"actor"`
	Changes     []RowDiff `json:"changes"`
}

func viewTouch(name string, t *projection.Touch) (TouchView, error) {
	e := t.Event
	out := TouchView{
		Sequence: uint64(e.Seq), Time: t.Time.Std(), Subject: e.Subject, EventType: e.Type, EventID: text(e.ID),
		Correlation: text(e.Correlation), Actor: text(e.Actor),
	}
	for _, c := range t.Rows {
		row, err := showRow(name, c)
		if err != nil {
			return out, err
		}
		out.Changes = append(out.Changes, row)
	}
	return out, nil
}

// history lists the events that changed a thing: {"key", "from_sequence"}, by pages.
func (s *Service) history(ctx context.Context, c call) (reply, error) {
	var key string
	var from uint64
	err := c.request.Params.Object(func(name string, v eventlog.Value) (err *eventlog.FieldError) {
		switch {
		case v.IsNull():
		case name == "key":
			key, err = v.Text()
		case name == "from_sequence":
			from, err = v.Uint64()
		}
		return err.InIfAny(name)
	})
	if err != nil {
		return reply{}, badField(err)
	}
	done, slotErr := s.slot(ctx)
	if slotErr != nil {
		return reply{}, slotErr
	}
	defer done()
	name, _, _ := strings.Cut(key, "/")
	page := pager{offset: c.request.Offset, limit: c.request.Limit, items: []any{}}
	var failed error
	_, runErr := s.worker.History(ctx, key, func(t projection.Touch) bool {
		if uint64(t.Event.Seq) < from {
			return true
		}
		if page.wants() {
			var v TouchView
			v, failed = viewTouch(name, &t)
			page.items = append(page.items, v)
		}
		page.seen++
		return failed == nil
	})
	return page.reply(), errorsFirst(runErr, failed)
}
