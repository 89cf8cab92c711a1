package cli_test

import (
	"strings"
	"testing"
	"time"

	"github.com/thecowboyai/cim-projector/cmd/cli"
)

// TestScheduledSnapshots lets a worker make snapshots by itself, by events, and keep few of them.
func TestScheduledSnapshots(t *testing.T) {
	l := startTimeline(t, "--snapshot-every", "2", "--snapshot-keep-last", "2")
	l.ok(t, "publish", sampleFile)
	l.ok(t, "query", "graph.list", "--min-seq", "317")
	l.waitForSnapshots(t, func(all []manifest) bool { return len(all) > 0 && len(all) <= 2 })
	l.n = 317
	l.event(t, "node_created", `,"node_id":"late","node_type":{"Concept":{}}`)
	l.event(t, "node_created", `,"node_id":"later","node_type":{"Concept":{}}`)
	all := l.waitForSnapshots(t, func(all []manifest) bool { return all[len(all)-1].StreamSequence >= 318 && len(all) <= 2 })
	for _, m := range all {
		if !strings.HasPrefix(m.Name, "auto-") || !m.Generated || m.Hold || m.Keep != "" {
			t.Errorf("got %+v", m)
		}
	}
	if got := l.ok(t, "snapshot", "ls"); !strings.Contains(got, "scheduled") {
		t.Errorf("got %s", got)
	}
}

// waitForSnapshots lists the complete snapshots until they are as they should be.
func (l *timeline) waitForSnapshots(t *testing.T, enough func([]manifest) bool) []manifest {
	t.Helper()
	for until := time.Now().Add(30 * time.Second); ; {
		all := l.list(t)
		done := len(all) > 0
		for _, m := range all {
			done = done && m.State == "complete"
		}
		if done && enough(all) {
			return all
		}
		if time.Now().After(until) {
			t.Fatalf("got %+v", all)
		}
	}
}

func TestScheduleIsChecked(t *testing.T) {
	for _, c := range []struct{ flag, value, want string }{
		{"snapshot-every", "-1", `"-1" is not a number; use one such as 1000, or 0`},
		{"snapshot-every", "many", `"many" is not a number; use one such as 1000, or 0`},
		{"snapshot-interval", "hourly", `"hourly" is not a span of time; use a form such as 90m, 12h, 7d or 8w, or 0 for none`},
		{"snapshot-interval", "10ms", `10ms is too short; the least is 1s`},
		{"snapshot-drill", "1y", `"1y" is not a span of time; use a form such as 90m, 12h, 7d or 8w, or 0 for none`},
		{"undo-term", "0", `0 is no term; the least is 1s`},
	} {
		got := line{}.refused(t, cli.StatusUsage, "run", "--data", t.TempDir(), "--"+c.flag, c.value)
		if want := c.flag + " (from --" + c.flag + "): " + c.want; got != want {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	}
}

// TestUndoEndsWithItsTerm lets the term of an undo pass.
func TestUndoEndsWithItsTerm(t *testing.T) {
	l := startTimeline(t, "--undo-term", "1s")
	l.play(t, 2)
	l.ok(t, "snapshot", "create", "a")
	l.restored(t, "a")
	for until := time.Now().Add(30 * time.Second); ; {
		plan := decode[struct {
			Dropped bool `json:"undo_dropped"`
		}](t, l.ok(t, "restore", "a", "--dry-run", "--json"))
		if !plan.Dropped {
			break
		}
		if time.Now().After(until) {
			t.Fatal("what was live before is still kept")
		}
	}
	l.refused(t, cli.StatusNotFound, "restore", "--undo")
}
