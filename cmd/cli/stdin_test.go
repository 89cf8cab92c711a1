package cli_test

import (
	"context"
	"io"
	"strings"
	"testing"

	"github.com/thecowboyai/cim-projector/cmd/cli"
)

func TestInterruptWhileWaitingForInput(t *testing.T) {
	w := startOwn(t)
	for _, c := range []struct {
		want string
		args []string
	}{
		{"interrupted; standard input is stored up to line 1: go on with --skip-through 1", []string{"publish", "-"}},
		{"interrupted", []string{"query", "graph.list", "-"}},
	} {
		t.Run(c.args[0], func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			read, write := io.Pipe()
			defer write.Close() //nolint:errcheck // of a pipe: cannot fail
			var stdout, stderr strings.Builder
			o := line{}.options(&stdout, &stderr)
			o.Stdin = read
			ended := make(chan int)
			go func() { ended <- cli.Execute(ctx, o, append(c.args, "--nats", w.url)) }()
			if _, err := io.WriteString(write, `{"subject":"event.graph.x","message":{}}`+"\n"); err != nil {
				t.Fatal(err)
			}
			if c.args[0] == "publish" {
				line{}.ok(t, "query", "projection.types", "--min-seq", "1", "--nats", w.url)
			}
			cancel()
			status := <-ended
			if got := withoutProgress(stderr.String()); status != cli.StatusFailed || got != c.want+"\n" || stdout.String() != "" {
				t.Errorf("status %d, stdout %q, stderr %q", status, stdout.String(), got)
			}
		})
	}
}
