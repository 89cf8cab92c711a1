package show_test

import (
	"encoding/json"
	"testing"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection/show"
)

func TestShow(t *testing.T) {
	big := eventlog.Value(`12345678901234567890.10`)
	for _, c := range []struct {
		shown any
		want  string
	}{
		{show.Moment(0), `null`},
		{show.Moment(1_500_000_000), `"1970-01-01T00:00:01.5Z"`},
		{show.Text(""), `null`},
		{show.Text("a"), `"a"`},
		{show.List(nil), `[]`},
		{show.List([]eventlog.Value{big, eventlog.Value(`null`)}), `[12345678901234567890.10,null]`},
		{show.Object(nil), `{}`},
		{show.Object(map[string]eventlog.Value{"b": big, "a": eventlog.Value(`{}`)}), `{"a":{},"b":12345678901234567890.10}`},
	} {
		got, err := json.Marshal(c.shown)
		if err != nil || string(got) != c.want {
			t.Errorf("got %s, %v; want %s", got, err, c.want)
		}
	}
}
