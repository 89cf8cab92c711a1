package cli_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/thecowboyai/cim-projector/cmd/cli"
)

// graphs are lines that create so many graphs.
func graphs(n int) string {
	var out strings.Builder
	for i := range n {
		fmt.Fprintf(&out, `{"event_id":"p%d","event_type":"graph_created","aggregate_type":"Graph","aggregate_id":"g%d",`+
			`"payload":{"graph_id":"g%d"}}`+"\n", i, i, i)
	}
	return out.String()
}

func TestPublishInBatchesAndFromALine(t *testing.T) {
	w := startOwn(t)
	type report struct {
		Stored, Duplicates, Skipped, Batches uint64
		Last                                 uint64 `json:"last_sequence"`
		Through                              int    `json:"stored_through"`
	}
	for _, c := range []struct {
		name  string
		lines int
		flags []string
		want  report
	}{
		{"in batches", 25, []string{"--atomic-batch", "10", "--expect-last", "0"}, report{25, 0, 0, 3, 25, 25}},
		{"from a line on", 30, []string{"--skip-through", "25"}, report{5, 0, 25, 0, 30, 30}},
		{"again", 30, nil, report{0, 30, 0, 0, 30, 30}},
	} {
		t.Run(c.name, func(t *testing.T) {
			args := append([]string{"publish", "-", "--json", "--nats", w.url}, c.flags...)
			if got := decode[report](t, line{stdin: graphs(c.lines)}.ok(t, args...)); got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
	got := line{stdin: graphs(40)}.refused(t, cli.StatusRefused, "publish", "-", "--expect-last", "7", "--nats", w.url)
	if !strings.Contains(got, "30") || !strings.Contains(got, "7") {
		t.Errorf("a conflict does not name both sequences: %s", got)
	}
	line{}.refused(t, cli.StatusUsage, "publish", "-", "--atomic-batch", "1001", "--nats", w.url)
}
