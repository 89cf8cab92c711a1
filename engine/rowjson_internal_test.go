package engine

import (
	"math"
	"testing"

	"github.com/thecowboyai/cim-projector/eventlog"
)

func TestRowsAreShownInTheSpellingOfAnswers(t *testing.T) {
	type inner struct {
		LastTime eventlog.Time
		Names    []string
	}
	type base struct{ GraphID string }
	type row struct {
		base
		ID       string
		HTTPPort int
		Weight   *float32
		Inner    inner
		Raw      eventlog.Value
		Bytes    []byte
		Members  map[string]inner
		Any      any
		hidden   int
	}
	weight := float32(0.1)
	for _, c := range []struct {
		name string
		row  any
		want string
	}{
		{"no row", nil, `null`},
		{"empty", struct{}{}, `{}`},
		{"all", &row{
			base: base{"g"}, ID: "<a>", HTTPPort: 7, Weight: &weight, Raw: eventlog.Value(`{"A":[1.0]}`), Bytes: []byte("x"),
			Members: map[string]inner{"b": {}, "A\"": {Names: []string{"n"}}}, Any: 3, hidden: 1,
		}, `{"graph_id":"g","id":"\u003ca\u003e","http_port":7,"weight":0.1,"inner":{"last_time":null,"names":[]},"raw":{"A":[1.0]},` +
			`"bytes":"eA==","members":{"A\"":{"last_time":null,"names":["n"]},"b":{"last_time":null,"names":[]}},"any":3}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := rowJSON(c.row)
			if err != nil || string(got) != c.want {
				t.Errorf("got  %s, %v\nwant %s", got, err, c.want)
			}
		})
	}
	if _, err := rowJSON(struct{ F float64 }{math.NaN()}); err == nil {
		t.Error("what JSON cannot hold is shown")
	}
}
