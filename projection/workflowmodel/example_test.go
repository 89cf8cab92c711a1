package workflowmodel_test

import (
	"context"
	"fmt"
	"os"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/projection/workflowmodel"
)

// A store with the projection of workflows takes one event and answers one question.
func ExampleNew() {
	dir, err := os.MkdirTemp("", "workflowmodel")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	if err := projectOne(dir); err != nil {
		panic(err)
	}
	// Output:
	// p running [intake]
}

func projectOne(dir string) error {
	model := workflowmodel.New()
	store, err := projection.Open(projection.Config{Dir: dir, Projections: []projection.Projection{model}})
	if err != nil {
		return err
	}
	defer store.Close()
	group := store.GroupOf(workflowmodel.Name)
	fold, err := group.Fold()
	if err != nil {
		return err
	}
	defer fold.Close()

	in := projection.NewPreparer(fold.Projections(), nil).Prepare(eventlog.Record{
		Seq: 1, Time: 1, Subject: "event.workflow.process_started",
		Body: []byte(`{"event_type":"process_started","payload":{"process_instance_id":"p","workflow_id":"w",
			"start_node":"intake","initiator":"me","input_data":{},"context":{}}}`),
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

	view, err := store.View(workflowmodel.Name)
	if err != nil {
		return err
	}
	defer view.Close()
	for _, q := range model.(projection.Querier).Queries() {
		if q.Subject != "workflow.get_process_status" {
			continue
		}
		answer, err := q.Answer(context.Background(), view, projection.Request{
			Params: eventlog.Value(`{"process_instance_ids":["p"]}`), Limit: projection.DefaultLimit,
		})
		if err != nil {
			return err
		}
		for _, p := range answer.Data.([]workflowmodel.Process) {
			fmt.Println(p.ProcessInstanceID, p.Status, p.ActiveSteps)
		}
	}
	return nil
}
