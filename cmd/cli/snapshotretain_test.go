package cli_test

import (
	"strings"
	"testing"

	"github.com/thecowboyai/cim-projector/cmd/cli"
)

func TestSnapshotRetain(t *testing.T) {
	w := startOwn(t)
	at := []string{"--nats", w.url}
	l := line{}
	l.ok(t, append(at, "publish", sampleFile)...)
	l.ok(t, append(at, "snapshot", "create", "audit", "--hold", "--keep", "12h", "--min-seq", "317")...)
	show := func() manifest {
		return decode[manifest](t, l.ok(t, append(at, "snapshot", "show", "audit", "--json")...))
	}
	before := show()

	l.refused(t, cli.StatusRefused, append(at, "snapshot", "rm", "audit")...)
	got := decode[manifest](t, l.ok(t, append(at, "snapshot", "retain", "audit", "--release", "--json")...))
	if got.Hold || got.Keep != "12h" || got.Digest != before.Digest {
		t.Errorf("after the release: %+v", got)
	}
	l.ok(t, append(at, "snapshot", "retain", "audit", "--keep", "30d", "--hold")...)
	if got := show(); !got.Hold || got.Keep != "30d" || got.Digest != before.Digest || got.StreamSequence != before.StreamSequence {
		t.Errorf("after another term: %+v", got)
	}
	l.ok(t, append(at, "snapshot", "retain", "audit", "--keep", "", "--release")...)
	if got := show(); got.Hold || got.Keep != "" {
		t.Errorf("after all was taken back: %+v", got)
	}
	l.ok(t, append(at, "snapshot", "verify", "audit")...)

	for _, tt := range []struct {
		status int
		want   string
		args   []string
	}{
		{cli.StatusUsage, "nothing is to be changed", []string{"audit"}},
		{cli.StatusUsage, "contradict each other", []string{"audit", "--hold", "--release"}},
		{cli.StatusUsage, "is not a term", []string{"audit", "--keep", "soon"}},
		{cli.StatusNotFound, "no such snapshot", []string{"nobody", "--hold"}},
	} {
		if got := l.refused(t, tt.status, append(append(at, "snapshot", "retain"), tt.args...)...); !strings.Contains(got, tt.want) {
			t.Errorf("%v: %q, want %q in it", tt.args, got, tt.want)
		}
	}
	l.ok(t, append(at, "snapshot", "rm", "audit")...)
	w.stop()
}
