package agentmodel_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/projection/agentmodel"
)

// A store with the projection of agents takes one event and answers one question.
func ExampleNew() {
	dir, err := os.MkdirTemp("", "agentmodel")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	if err := projectOne(dir); err != nil {
		panic(err)
	}
	// Output:
	// curator registered ["embed","rank"]
}

func projectOne(dir string) error {
	model := agentmodel.New()
	store, err := projection.Open(projection.Config{Dir: dir, Projections: []projection.Projection{model}})
	if err != nil {
		return err
	}
	defer store.Close()
	group := store.GroupOf(agentmodel.Name)
	fold, err := group.Fold()
	if err != nil {
		return err
	}
	defer fold.Close()

	in := projection.NewPreparer(fold.Projections(), nil).Prepare(eventlog.Record{
		Seq: 1, Time: 1, Subject: "event.agent.registered",
		Body: []byte(`{"event_type":"registered","payload":{"agent_id":"curator","capabilities":["rank","embed"]}}`),
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

	view, err := store.View(agentmodel.Name)
	if err != nil {
		return err
	}
	defer view.Close()
	for _, q := range model.(projection.Querier).Queries() {
		if q.Subject != "agent.find_capable" {
			continue
		}
		answer, err := q.Answer(context.Background(), view, projection.Request{
			Params: eventlog.Value(`{"capabilities":["embed"]}`), Limit: projection.DefaultLimit,
		})
		if err != nil {
			return err
		}
		for _, a := range answer.Data.([]agentmodel.AgentView) {
			capabilities, err := json.Marshal(a.Capabilities)
			if err != nil {
				return err
			}
			fmt.Println(a.AgentID, a.Status, string(capabilities))
		}
	}
	return nil
}
