package conceptmodel_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/projection/conceptmodel"
)

// FuzzQuestions asks anything: there is an answer that is JSON, or an error that says what is wrong with the question.
func FuzzQuestions(f *testing.F) {
	m := open(f, f.TempDir())
	m.apply(life(f)...)
	m.commit()
	for _, q := range questions {
		f.Add(q.params, q.offset, q.limit)
	}
	v, err := m.store.View(conceptmodel.Name)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(v.Close)
	f.Fuzz(func(t *testing.T, params string, offset, limit int) {
		value, refused := eventlog.ParseValue([]byte(params))
		if refused != nil || offset < 0 || limit < 1 || limit > projection.MaxLimit {
			return
		}
		for _, q := range v.Projection().(projection.Querier).Queries() {
			a, err := q.Answer(t.Context(), v, projection.Request{Params: value, Offset: offset, Limit: limit})
			var failure *projection.QueryError
			if err != nil && (!errors.As(err, &failure) || failure.Code == projection.Internal) {
				t.Errorf("%s %s: %v", q.Subject, params, err)
			}
			if _, err := json.Marshal(a.Data); err != nil {
				t.Errorf("%s %s: answered what is not JSON: %v", q.Subject, params, err)
			}
		}
		if err := v.Err(); err != nil {
			t.Fatal(err)
		}
	})
}
