package projection_test

import (
	"fmt"
	"os"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
)

// visits is a whole projection: it counts how often each place was visited.
type visits struct {
	schema *projection.Schema
	places projection.Table[place]
}

type place struct {
	Name   string
	Visits uint64
}

func newVisits() *visits {
	s := projection.NewSchema()
	return &visits{schema: s, places: projection.Primary[place](s, "places")}
}

func (v *visits) Name() string               { return "visits" }
func (v *visits) Version() int               { return 1 }
func (v *visits) Subjects() []string         { return []string{"event.visit.>"} }
func (v *visits) Schema() *projection.Schema { return v.schema }

func (v *visits) Apply(tx *projection.Tx, e *projection.Event) error {
	if e.Type != "visited" {
		return projection.ErrUnknownType
	}
	name, err := e.Payload.Text()
	if err != nil {
		return err // kept as a dead letter
	}
	next := place{Name: name, Visits: 1}
	if before, ok := v.places.Get(tx, projection.MakeKey(name)); ok {
		next.Visits += before.Visits
	}
	v.places.Put(tx, projection.MakeKey(name), &next)
	return nil
}

func Example() {
	dir, err := os.MkdirTemp("", "visits")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	if err := countVisits(dir, "Bern", "Ulm", "Bern"); err != nil {
		fmt.Println(err)
	}
	// Output:
	// Bern 2
	// Ulm 1
	// at 3
}

// countVisits does by hand what a worker does: it applies records, commits them, and reads the state.
func countVisits(dir string, names ...string) error {
	p := newVisits()
	store, err := projection.Open(projection.Config{Dir: dir, Worker: "example", Projections: []projection.Projection{p}})
	if err != nil {
		return err
	}
	defer store.Close()
	group := store.Groups()[0]
	fold, err := group.Fold()
	if err != nil {
		return err
	}
	defer fold.Close()
	prepare := projection.NewPreparer(fold.Projections())
	for i, name := range names {
		in := prepare.Prepare(eventlog.Record{
			Seq: eventlog.Seq(i + 1), Subject: "event.visit.x",
			Body: fmt.Appendf(nil, `{"event_type":"Visited","payload":%q}`, name),
		}, false)
		if err := fold.Apply(&in); err != nil {
			return err
		}
	}
	batch, err := fold.Seal()
	if err != nil {
		return err
	}
	if err := group.Commit(batch); err != nil {
		return err
	}
	fold.Committed(batch)

	view, err := store.View("visits")
	if err != nil {
		return err
	}
	defer view.Close()
	p.places.Scan(view, "", "", func(_ projection.Key, row *place) bool {
		fmt.Println(row.Name, row.Visits)
		return true
	})
	fmt.Println("at", view.At().Seq)
	return view.Err()
}
