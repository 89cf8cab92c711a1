package projection

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// TestLayersAgainstMaps changes rows through every layer that there is (open overlay, sealed overlay, several deltas, a
// base that is not empty) and holds every answer against a map.
func TestLayersAgainstMaps(t *testing.T) {
	root := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		w := newLayersWorld(t, root)
		defer w.stop()
		for range rapid.SampledFrom([]int{5, 20, 60}).Draw(t, "steps") {
			i := rapid.SampledFrom([]int{0, 1}).Draw(t, "group") % len(w.lanes)
			w.step(t, w.lanes[i], rapid.SampledFrom(layerSteps).Draw(t, "step"))
		}
	})
}

var layerSteps = []string{
	"event", "event", "event", "event", "event", "event", "read", "read", "read", "read", "seal", "seal", "commit", "commit",
	"view", "view", "view", "regroup", "regroup", "restart", "idle",
}

// scripted is a projection whose events are lists of changes that the test has decided before.
type scripted struct {
	name   string
	schema *Schema
	rows   Table[scriptedRow]
}

type scriptedRow struct{ N uint64 }

func newScripted(name string) *scripted {
	s := NewSchema()
	return &scripted{name: name, schema: s, rows: Primary[scriptedRow](s, "rows")}
}

func (p *scripted) Name() string       { return p.name }
func (p *scripted) Version() int       { return 1 }
func (p *scripted) Subjects() []string { return []string{">"} }
func (p *scripted) Schema() *Schema    { return p.schema }

// Apply takes changes from a payload such as "+ab5 -a *b !": put, delete, delete the range, and refuse what came before.
func (p *scripted) Apply(tx *Tx, e *Event) error {
	text, _ := e.Payload.Text()
	for change := range strings.FieldsSeq(text) {
		key := Key(change[1:])
		switch change[0] {
		case '+':
			p.rows.Put(tx, key, &scriptedRow{N: uint64(e.Seq)})
		case '-':
			p.rows.Delete(tx, key)
		case '*':
			p.rows.DeleteRange(tx, key)
		case '!':
			return eventlog.Refuse(eventlog.CodeOutOfRange, "")
		}
	}
	return nil
}

// rowsModel is what a table should hold.
type rowsModel map[Key]uint64

func (m rowsModel) apply(seq eventlog.Seq, text string) {
	if strings.HasSuffix(text, "!") {
		return
	}
	for change := range strings.FieldsSeq(text) {
		key := Key(change[1:])
		switch change[0] {
		case '+':
			m[key] = uint64(seq)
		case '-':
			delete(m, key)
		case '*':
			maps.DeleteFunc(m, func(k Key, _ uint64) bool { return k.HasPrefix(key) })
		}
	}
}

// layersWorld is a store with two projections, the history so far, and what each projection should hold after each
// record.
type layersWorld struct {
	t           *rapid.T
	config      Config
	projections map[string]*scripted
	bases       map[string]rowsModel
	store       *Store
	script      []string // of record i+1
	lanes       []*layersLane
}

type layersLane struct {
	group  *Group
	fold   *Fold
	sealed *Batch
	stored eventlog.Seq
}

func newLayersWorld(t *rapid.T, root string) *layersWorld {
	dir, err := os.MkdirTemp(root, "layers")
	if err != nil {
		t.Fatal(err)
	}
	w := &layersWorld{t: t, projections: map[string]*scripted{}, bases: map[string]rowsModel{}}
	w.config = Config{Dir: dir, Worker: "w", CacheBytes: rapid.SampledFrom([]int{1, 1000, 1 << 20}).Draw(t, "cache")}
	for _, name := range []string{"p", "q"} {
		p := newScripted(name)
		w.projections[name] = p
		w.config.Projections = append(w.config.Projections, p)
		w.bases[name] = rowsModel{}
		for _, key := range rapid.SliceOfN(layerKeys, 0, 12).Draw(t, "base") {
			w.bases[name][key] = 1_000_000
		}
	}
	w.start()
	return w
}

var layerKeys = rapid.Custom(func(t *rapid.T) Key {
	letters := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c"}), 1, 4).Draw(t, "key")
	return Key(strings.Join(letters, ""))
})

func (w *layersWorld) start() {
	s, err := Open(w.config)
	if err != nil {
		w.t.Fatal(err)
	}
	s.base = func(name string) Base { return modelBase(w.bases[name]) }
	w.store = s
	w.fold()
}

func (w *layersWorld) fold() {
	for _, g := range w.store.Groups() {
		f, err := g.Fold()
		if err != nil {
			w.t.Fatal(err)
		}
		w.lanes = append(w.lanes, &layersLane{group: g, fold: f, stored: f.Position()})
	}
}

func (w *layersWorld) unfold() {
	for _, l := range w.lanes {
		l.fold.Close()
	}
	w.lanes = nil
}

func (w *layersWorld) stop() {
	w.unfold()
	if err := w.store.Close(); err != nil {
		w.t.Fatal(err)
	}
}

func (w *layersWorld) step(t *rapid.T, l *layersLane, step string) {
	switch step {
	case "event":
		w.event(t, l)
	case "read":
		w.read(t, l)
	case "seal":
		w.seal(l)
	case "commit":
		w.commit(l)
	case "view":
		w.view(t, l)
	case "regroup":
		w.regroup(l, rapid.SampledFrom([]int{0, 1}).Draw(t, "which"))
	case "restart":
		w.stop()
		w.start()
	case "idle":
		l.fold.Skip(l.fold.Position()) // says nothing new
	}
}

// event applies the next record of the history, which it makes where there is none yet.
func (w *layersWorld) event(t *rapid.T, l *layersLane) {
	at := int(l.fold.Position())
	if at == len(w.script) {
		w.script = append(w.script, drawScript(t))
	}
	body := fmt.Appendf(nil, `{"event_type":"change","payload":%q}`, w.script[at])
	r := eventlog.Record{Seq: eventlog.Seq(at + 1), Time: 1, Subject: "event.x.y", Body: body}
	in := NewPreparer(l.fold.Projections()).Prepare(r, false)
	if err := l.fold.Apply(&in); err != nil {
		w.t.Fatal(err)
	}
}

func drawScript(t *rapid.T) string {
	var b strings.Builder
	for range rapid.SampledFrom([]int{1, 2, 5}).Draw(t, "changes") {
		op := rapid.SampledFrom([]string{"+", "+", "+", "-", "*"}).Draw(t, "op")
		fmt.Fprintf(&b, "%s%s ", op, layerKeys.Draw(t, "key"))
	}
	if rapid.SampledFrom([]int{0, 0, 0, 1}).Draw(t, "refused") == 1 {
		b.WriteString("!")
	}
	return b.String()
}

// want is what a projection should hold after so many records.
func (w *layersWorld) want(name string, at eventlog.Seq) rowsModel {
	m := maps.Clone(w.bases[name])
	for i, text := range w.script[:at] {
		m.apply(eventlog.Seq(i+1), text)
	}
	return m
}

// read asks through the fold, over what is not committed.
func (w *layersWorld) read(t *rapid.T, l *layersLane) {
	for _, m := range l.fold.members {
		name := m.projection.Name()
		w.compare(t, &Tx{member: m}, w.projections[name], w.want(name, l.fold.Position()))
	}
}

// view asks for what is committed.
func (w *layersWorld) view(t *rapid.T, l *layersLane) {
	for _, name := range l.group.Names() {
		v, err := w.store.View(name)
		if err != nil {
			w.t.Fatal(err)
		}
		w.compareView(t, v, l.stored)
	}
}

func (w *layersWorld) compareView(t *rapid.T, v *View, at eventlog.Seq) {
	defer v.Close()
	if v.At().Seq != at {
		w.t.Fatalf("the view is at %s, %s is committed", v.At().Seq, at)
	}
	name := v.Projection().Name()
	w.compare(t, v, w.projections[name], w.want(name, at))
}

func (w *layersWorld) compare(t *rapid.T, r Reader, p *scripted, want rowsModel) {
	prefix, from := Key(""), Key("")
	if rapid.SampledFrom([]int{0, 1}).Draw(t, "part") == 1 {
		prefix, from = layerKeys.Draw(t, "prefix"), layerKeys.Draw(t, "from")
	}
	var keys []Key
	for k := range want {
		if k.HasPrefix(prefix) && k >= from {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	var got []Key
	p.rows.Scan(r, prefix, from, func(k Key, row *scriptedRow) bool {
		got = append(got, k)
		if row.N != want[k] {
			w.t.Fatalf("scan of %s: %q is %d, want %d", p.name, k, row.N, want[k])
		}
		return true
	})
	if !slices.Equal(got, keys) {
		w.t.Fatalf("scan of %s below %q from %q: %q, want %q", p.name, prefix, from, got, keys)
	}
	for range 5 {
		k := layerKeys.Draw(t, "get")
		n, there := want[k]
		if row, ok := p.rows.Get(r, k); ok != there || ok && row.N != n {
			w.t.Fatalf("%s: %q is %v %t, want %d %t", p.name, k, row, ok, n, there)
		}
	}
	if err := r.Err(); err != nil {
		w.t.Fatal(err)
	}
}

func (w *layersWorld) seal(l *layersLane) {
	w.commit(l)
	b, err := l.fold.Seal()
	if err != nil {
		w.t.Fatal(err)
	}
	l.sealed = b
}

func (w *layersWorld) commit(l *layersLane) {
	if l.sealed == nil {
		return
	}
	if err := l.group.Commit(l.sealed); err != nil {
		w.t.Fatal(err)
	}
	l.fold.Committed(l.sealed)
	l.stored, l.sealed = l.sealed.At.Seq, nil
}

// regroup splits the group, or brings both to one position and merges them.
func (w *layersWorld) regroup(l *layersLane, which int) {
	var other *layersLane
	for _, o := range w.lanes {
		if o != l {
			other = o
		}
	}
	if other != nil {
		for _, pair := range [][2]*layersLane{{l, other}, {other, l}} {
			for pair[0].fold.Position() < pair[1].fold.Position() {
				w.event(w.t, pair[0])
			}
		}
	}
	for _, o := range w.lanes {
		w.seal(o)
		w.commit(o)
	}
	w.unfold()
	var err error
	if other == nil {
		err = l.group.Detach(l.group.Names()[which])
	} else {
		err = l.group.Merge(other.group)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	w.fold()
}

// modelBase is a base made of a map.
type modelBase rowsModel

func (b modelBase) Get(table string, key Key) ([]byte, error) {
	n, ok := b[key]
	if !ok || table != "rows" {
		return nil, nil
	}
	return encodeRow(&scriptedRow{N: n})
}

func (b modelBase) Rows(table string, from Key) (BaseRows, error) {
	w := &modelBaseRows{base: b}
	for k := range b {
		if k >= from && table == "rows" {
			w.keys = append(w.keys, k)
		}
	}
	slices.Sort(w.keys)
	return w, nil
}

type modelBaseRows struct {
	base modelBase
	keys []Key
}

func (w *modelBaseRows) Next() (Key, []byte, bool, error) {
	if len(w.keys) == 0 {
		return "", nil, false, nil
	}
	key := w.keys[0]
	w.keys = w.keys[1:]
	row, err := w.base.Get("rows", key)
	return key, row, true, err
}

func (w *modelBaseRows) Close() error { return nil }
