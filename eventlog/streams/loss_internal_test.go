package streams

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// TestTrap09LimitsThatDropEvents has a stream of 20 events, and limits that leave the last 5.
func TestTrap09LimitsThatDropEvents(t *testing.T) {
	limits := &Limits{MaxMsgs: 5}
	at := func(applied ...uint64) (out []Need) {
		for n, seq := range applied {
			out = append(out, Need{Worker: fmt.Sprintf("w%d", n), Stream: DefaultStream, Applied: eventlog.Seq(seq)})
		}
		return append(out, Need{Worker: "elsewhere", Stream: "OTHER", Applied: 1})
	}
	for _, c := range []struct {
		name   string
		layout Layout
		needs  []Need
		want   string // the reason; "" = not refused
	}{
		{"nobody asked", Layout{Limits: limits}, nil, "the limits would drop events 1 to 15, and no worker says that it has applied them"},
		{"somebody behind", Layout{Limits: limits}, at(20, 14),
			"the limits would drop events 1 to 15, and worker w1 has applied only those up to 14"},
		{"all there", Layout{Limits: limits}, at(20, 15), ""},
		{"accepted", Layout{Limits: limits, AcceptLoss: true}, at(3), ""},
		{"accepted unasked", Layout{Limits: limits, AcceptLoss: true}, nil, ""},
		{"large enough", Layout{Limits: &Limits{MaxMsgs: 20}}, nil, ""},
		{"bytes", Layout{Limits: &Limits{MaxBytes: 100}}, at(19),
			"the limits would drop events 1 to 20, and worker w0 has applied only those up to 19"},
		{"bytes, all there", Layout{Limits: &Limits{MaxBytes: 100}}, at(20), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			js := connect(t)
			apply(t, js, Layout{})
			fill(t, js, times(20, "event.graph.x")...)
			i := planFor(t, js, c.layout, c.needs...).item(t, DefaultStream)
			if c.want != "" {
				if i.Action != Refuse || len(i.Refusals) != 1 || i.Refusals[0].Code != 0 || i.Refusals[0].Reason != c.want {
					t.Errorf("got %s\nwant %q", shown(i), c.want)
				}
				return
			}
			if i.Action != Change {
				t.Errorf("got %s, want a change", shown(i))
			}
			if told := slices.ContainsFunc(i.Notes, func(n string) bool { return strings.HasPrefix(n, "The limits drop events") }); told !=
				(c.layout.Limits.MaxMsgs != 20) {
				t.Errorf("notes %q", i.Notes)
			}
		})
	}
}

// TestTheServerDropsThem shows that a refusal of ours is right: the server changes the limits, and events are gone.
func TestTheServerDropsThem(t *testing.T) {
	js := connect(t)
	apply(t, js, Layout{})
	fill(t, js, times(20, "event.graph.x")...)
	apply(t, js, Layout{Limits: &Limits{MaxMsgs: 5}, AcceptLoss: true})
	s, err := js.Stream(t.Context(), DefaultStream)
	if err != nil {
		t.Fatal(err)
	}
	if state := s.CachedInfo().State; state.FirstSeq != 16 || state.LastSeq != 20 {
		t.Errorf("got %+v, want 16 to 20", state)
	}
}

func TestTrap23FirstSinceIsByStoreTime(t *testing.T) {
	js := connect(t)
	apply(t, js, Layout{})
	fill(t, js, times(20, "event.graph.x")...)
	s, err := js.Stream(t.Context(), DefaultStream)
	if err != nil {
		t.Fatal(err)
	}
	var at []*jetstream.RawStreamMsg
	for seq := range uint64(20) {
		msg, err := s.GetMsg(t.Context(), seq+1)
		if err != nil {
			t.Fatal(err)
		}
		at = append(at, msg)
	}
	for _, seq := range []uint64{1, 2, 9, 10, 11, 20} {
		if err := s.DeleteMsg(t.Context(), seq); err != nil {
			t.Fatal(err)
		}
	}
	info, err := s.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ since, want uint64 }{
		{1, 3}, {3, 3}, {4, 4}, {8, 8}, {9, 9}, {11, 9}, {12, 9}, {13, 13}, {19, 19}, {20, 20},
	} {
		got, err := firstSince(t.Context(), js, info, at[c.since-1].Time)
		if err != nil {
			t.Fatal(err)
		}
		if uint64(got) != c.want {
			t.Errorf("since event %d: got %d, want %d", c.since, got, c.want)
		}
	}
}

// TestAgesThatDropEvents sets an age that the first ten of twenty events are beyond.
func TestAgesThatDropEvents(t *testing.T) {
	js := connect(t)
	apply(t, js, Layout{})
	fill(t, js, times(20, "event.graph.x")...)
	l := Layout{Limits: &Limits{MaxAge: year}}.withDefaults()
	state, err := Read(t.Context(), js, l)
	if err != nil {
		t.Fatal(err)
	}
	if len(state.Young) != 0 {
		t.Errorf("got %v of a stream that is younger", state.Young)
	}
	s, err := js.Stream(t.Context(), DefaultStream)
	if err != nil {
		t.Fatal(err)
	}
	eleventh, err := s.GetMsg(t.Context(), 11)
	if err != nil {
		t.Fatal(err)
	}
	state.Now = eleventh.Time.Add(year) // a year later
	if err := state.readAges(t.Context(), js, l); err != nil {
		t.Fatal(err)
	}
	if i := Compare(l, state, Need{"w", DefaultStream, 10}).Items[0]; i.Action != Change ||
		!strings.HasPrefix(i.Notes[0], "The limits drop events 1 to 10.") {
		t.Errorf("got %s, want a change", shown(i))
	}
	i := Compare(l, state, Need{"w", DefaultStream, 9}).Items[0]
	if want := "the limits would drop events 1 to 10, and worker w has applied only those up to 9"; i.Action != Refuse ||
		i.Refusals[0].Reason != want {
		t.Errorf("got %s\nwant %q", shown(i), want)
	}
}
