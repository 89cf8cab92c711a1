package graphmodel_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/projection/graphmodel"
)

// A store with the projection of graphs takes one event and answers one question.
func ExampleNew() {
	dir, err := os.MkdirTemp("", "graphmodel")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	if err := projectOne(dir); err != nil {
		panic(err)
	}
	// Output:
	// {"x":0.1,"y":2,"z":0}
}

func projectOne(dir string) error {
	model := graphmodel.New()
	store, err := projection.Open(projection.Config{Dir: dir, Projections: []projection.Projection{model}})
	if err != nil {
		return err
	}
	defer store.Close()
	group := store.GroupOf(graphmodel.Name)
	fold, err := group.Fold()
	if err != nil {
		return err
	}
	defer fold.Close()

	in := projection.NewPreparer(fold.Projections(), nil).Prepare(eventlog.Record{
		Seq: 1, Time: 1, Subject: "event.graph.node_created",
		Body: []byte(`{"event_type":"node_created","payload":{"graph_id":"g","node_id":"n",
			"position":{"x":0.10000000149011612,"y":2.0,"z":0.0}}}`),
	}, false)
	if err := fold.Apply(&in); err != nil {
		return err
	}
	batch, err := fold.Seal()
	if err != nil {
		return err
	}
	if err := group.Commit(batch); err != nil {
		return err
	}
	fold.Committed(batch)

	view, err := store.View(graphmodel.Name)
	if err != nil {
		return err
	}
	defer view.Close()
	for _, q := range model.(projection.Querier).Queries() {
		if q.Subject != "graph.get_node" {
			continue
		}
		answer, err := q.Answer(context.Background(), view, projection.Request{
			Params: eventlog.Value(`{"graph_id":"g","node_id":"n"}`), Limit: projection.DefaultLimit,
		})
		if err != nil {
			return err
		}
		position, err := json.Marshal(answer.Data.(graphmodel.NodeView).Position)
		fmt.Println(string(position))
		return err
	}
	return nil
}
