package cli_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/thecowboyai/cim-projector/cmd/cli"
)

// TestThePastAnswersAsItDid asks everything at each step, and then once more as of each step: by sequence, by snapshot and by moment.
func TestThePastAnswersAsItDid(t *testing.T) {
	l := startTimeline(t)
	then := map[int][]string{}
	moments := map[int]string{}
	for n := 1; n <= len(timelineSteps); n++ {
		l.play(t, n)
		then[n] = l.answers(t)
		moments[n] = storedAt(t, l)
		if n%4 == 0 {
			l.ok(t, "snapshot", "create", fmt.Sprintf("at-%d", n))
		}
	}
	same := func(n int, flags ...string) {
		t.Helper()
		if diff := cmp.Diff(then[n], l.answers(t, flags...)); diff != "" {
			t.Errorf("%s (-then +now):\n%s", strings.Join(flags, " "), diff)
		}
	}
	for n := 1; n <= len(timelineSteps); n++ {
		same(n, "--as-of-seq", strconv.Itoa(n))
		same(n, "--as-of-time", moments[n])
	}
	same(4, "--snapshot", "at-4")
	same(8, "--snapshot", "at-8")
	l = l.again(t)
	same(3, "--as-of-seq", "3")
	same(8, "--snapshot", "at-8")
	same(len(timelineSteps))
}

// storedAt is when the stream stored the last event.
func storedAt(t *testing.T, l *timeline) string {
	t.Helper()
	return decode[struct{ Metadata struct{ Time string } }](t, l.ok(t, "query", "graph.list", "--json")).Metadata.Time
}

func TestAnAnswerSaysWhatThePastCost(t *testing.T) {
	l := startTimeline(t)
	l.play(t, 4)
	type answer struct {
		Metadata struct {
			Sequence uint64
			AsOf     *struct {
				Base     uint64 `json:"base_sequence"`
				Replayed uint64
				Cached   bool
			} `json:"as_of"`
		}
	}
	first := decode[answer](t, l.ok(t, "query", "graph.list", "--as-of-seq", "3", "--json")).Metadata
	if first.Sequence != 3 || first.AsOf == nil || first.AsOf.Replayed != 3 || first.AsOf.Base != 0 || first.AsOf.Cached {
		t.Errorf("got %+v", first)
	}
	if again := decode[answer](t, l.ok(t, "query", "graph.list", "--as-of-seq", "3", "--json")).Metadata.AsOf; !again.Cached || again.Replayed != 0 {
		t.Errorf("asked again: got %+v", again)
	}
	if now := decode[answer](t, l.ok(t, "query", "graph.list", "--json")).Metadata.AsOf; now != nil {
		t.Errorf("asked as of now: got %+v", now)
	}
	for _, c := range []struct{ flag, value, want string }{
		{"--as-of-seq", "2", "\n1 item in all, as of event 2 of CIM_EVENTS, stored TIME, made of 2 events from the beginning in N ms.\n"},
		{"--as-of-seq", "2", "\n1 item in all, as of event 2 of CIM_EVENTS, stored TIME, which was at hand from an earlier question.\n"},
		{"--as-of-time", "2020-01-01", "nothing\n\n0 items in all, before the first event.\n"},
	} {
		if got := normalisedSnapshots(l.ok(t, "query", "graph.list", c.flag, c.value)); !strings.HasSuffix(got, c.want) {
			t.Errorf("%s %s: got %q, want %q at its end", c.flag, c.value, got, c.want)
		}
	}
}

func TestThePastIsRefused(t *testing.T) {
	l := startTimeline(t)
	l.play(t, 2)
	future := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	for _, c := range []struct {
		name, want string
		status     int
		args       []string
	}{
		{"an event that has not come", "event 3 has not come: stream CIM_EVENTS ends at 2", cli.StatusRefused, []string{"--as-of-seq", "3"}},
		{"a moment that has not come", "the moment " + future + " has not come", cli.StatusRefused, []string{"--as-of-time", future}},
		{"no such snapshot", "no such snapshot: none", cli.StatusNotFound, []string{"--snapshot", "none"}},
		{"no name", `"a/b" is not a name of a snapshot; use up to 128 letters, digits, - and _, the first a letter or digit`, cli.StatusUsage,
			[]string{"--snapshot", "a/b"}},
		{"no moment", `--as-of-time: "noon" is not a moment; use a form such as 2026-11-01T10:30:00Z, "2026-11-01 10:30" (UTC), 2026-11-01 or -2h`,
			cli.StatusUsage, []string{"--as-of-time", "noon"}},
		{"no event", "--as-of-seq must be above zero: the first event is 1", cli.StatusUsage, []string{"--as-of-seq", "0"}},
		{"two places", "--as-of-seq and --snapshot exclude each other: give one of them", cli.StatusUsage,
			[]string{"--as-of-seq", "1", "--snapshot", "a"}},
		{"a wait for the present", "--as-of-time and --min-seq exclude each other: give one of them", cli.StatusUsage,
			[]string{"--as-of-time", "-2h", "--min-seq", "1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := l.refused(t, c.status, append([]string{"query", "graph.list"}, c.args...)...); got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
	got := l.refused(t, cli.StatusUsage, "query", "projection.status", "--as-of-seq", "1")
	if got != "query.projection.status is about the present, and cannot be asked as of the past" {
		t.Errorf("got %q", got)
	}
}
