package conceptmodel_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/projection/conceptmodel"
)

// A store with the projection of conceptual spaces takes two embeddings and tells how similar they are.
func ExampleNew() {
	dir, err := os.MkdirTemp("", "conceptmodel")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	if err := compareTwo(dir); err != nil {
		panic(err)
	}
	// Output:
	// [{"concept_id":"cnn","entity_id":"cnn","entity_type":null,"embedding_model":"tiny","similarity_score":0.6}]
}

func compareTwo(dir string) error {
	model := conceptmodel.New()
	store, err := projection.Open(projection.Config{Dir: dir, Projections: []projection.Projection{model}})
	if err != nil {
		return err
	}
	defer store.Close()
	group := store.GroupOf(conceptmodel.Name)
	fold, err := group.Fold()
	if err != nil {
		return err
	}
	defer fold.Close()

	prepare := projection.NewPreparer(fold.Projections())
	for i, payload := range []string{
		`{"entity_id":"transformer","embedding_model":"tiny","embedding_vector":[1.0,0.0]}`,
		`{"entity_id":"cnn","embedding_model":"tiny","embedding_vector":[0.6000000238418579,0.800000011920929]}`,
	} {
		in := prepare.Prepare(eventlog.Record{
			Seq: eventlog.Seq(i + 1), Time: 1, Subject: "event.conceptual.embedding_calculated",
			Body: []byte(`{"event_type":"embedding_calculated","payload":` + payload + `}`),
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
	return printSimilar(store, model)
}

func printSimilar(store *projection.Store, model projection.Projection) error {
	view, err := store.View(conceptmodel.Name)
	if err != nil {
		return err
	}
	defer view.Close()
	for _, q := range model.(projection.Querier).Queries() {
		if q.Subject != "conceptual.find_similar" {
			continue
		}
		answer, err := q.Answer(context.Background(), view, projection.Request{
			Params: eventlog.Value(`{"entity_id":"transformer","max_results":1}`), Limit: projection.DefaultLimit,
		})
		if err != nil {
			return err
		}
		text, err := json.Marshal(answer.Data)
		fmt.Println(string(text))
		return err
	}
	return nil
}
