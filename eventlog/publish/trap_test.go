package publish_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/eventlog/embedded/embeddedtest"
	"github.com/thecowboyai/cim-projector/eventlog/publish"
)

// The numbers are those of the known contradictions in CIM's sources; testdata/TRAPS.md lists them all.

// TestTrap10HeadersCountToo publishes bodies around the greatest payload of the server: the header of the id has to fit
// beside the body, and what does not fit is named.
func TestTrap10HeadersCountToo(t *testing.T) {
	s := connect(t, embeddedtest.Start(t).URL())
	limit := int(s.nc.MaxPayload())
	for _, test := range []struct {
		id     string
		size   int
		stored bool
	}{
		{"id", limit - 1024, true},
		{"id-2", limit, false},
		{"", limit, true},
		{"", limit + 1, false},
	} {
		report, err := s.publisher(t, nil).Publish(t.Context(),
			publish.Events(publish.Event{Line: 7, Subject: "event.graph.x", ID: test.id, Body: make([]byte, test.size)}))
		failed, ok := errors.AsType[*publish.Error](err)
		switch {
		case test.stored && (err != nil || report.Accepted != 1):
			t.Errorf("%d bytes with id %q: %v, report %+v, want it stored", test.size, test.id, err, report)
		case !test.stored && (!ok || failed.Line != 7 || !errors.Is(err, nats.ErrMaxPayload) || report.Accepted != 0):
			t.Errorf("%d bytes with id %q: %v, report %+v, want line 7 too large", test.size, test.id, err, report)
		}
	}
	if got := len(s.stored(t)); got != 2 {
		t.Errorf("the stream holds %d events, want 2", got)
	}
}

// TestTrap34IDsAreOfTheStream publishes one id on two subjects: the server drops the second, and the report says so.
func TestTrap34IDsAreOfTheStream(t *testing.T) {
	s := connect(t, embeddedtest.Start(t).URL())
	report, err := s.publisher(t, nil).Publish(t.Context(), publish.Events(
		publish.Event{Subject: "event.graph.x", ID: "one"}, publish.Event{Subject: "event.agent.x", ID: "one"},
	))
	if want := (publish.Report{Accepted: 1, Duplicates: 1, Stored: 2, Stream: "EVENTS", Last: 1}); err != nil || report != want {
		t.Errorf("Publish: %+v, %v, want %+v", report, err, want)
	}
	if got := s.stored(t); len(got) != 1 || got[0].Subject != "event.graph.x" {
		t.Errorf("the stream holds %v, want the first alone", got)
	}
}

// TestTrap35OrderAcrossSubjects publishes what happened to aggregates on several subjects in turn: each keeps its order,
// and everything has its id.
func TestTrap35OrderAcrossSubjects(t *testing.T) {
	for _, size := range []int{0, 10} {
		s := connectAtomic(t, embeddedtest.Start(t).URL())
		const aggregates, each = 5, 60
		kinds := []string{"node_created", "edge_created", "node_updated", "edge_deleted", "node_deleted"}
		var list []publish.Event
		for n := range each {
			for a := range aggregates {
				list = append(list, publish.Event{
					Subject: "event.graph." + kinds[(n*3+a)%len(kinds)], Aggregate: fmt.Sprint(a),
					ID: fmt.Sprintf("%d-%d", a, n), Body: fmt.Appendf(nil, "%d %d", a, n),
				})
			}
		}
		if _, err := s.publisher(t, inBatches(size)).Publish(t.Context(), publish.Events(list...)); err != nil {
			t.Fatal(err)
		}
		next := [aggregates]int{}
		for _, r := range s.stored(t) {
			var a, n int
			if _, err := fmt.Sscan(string(r.Body), &a, &n); err != nil {
				t.Fatal(err)
			}
			if n != next[a] || r.Header.Get("Nats-Msg-Id") != fmt.Sprintf("%d-%d", a, n) {
				t.Fatalf("in batches of %d: %s holds event %d of aggregate %d with the id %q, want event %d",
					size, r.Seq, n, a, r.Header.Get("Nats-Msg-Id"), next[a])
			}
			next[a]++
		}
		if next != [aggregates]int{each, each, each, each, each} {
			t.Errorf("in batches of %d: the stream holds %v events, want %d each", size, next, each)
		}
	}
}

// TestTrap37SubjectsAreChecked publishes to subjects that a stream of event.> would store as they are.
func TestTrap37SubjectsAreChecked(t *testing.T) {
	s := connectAtomic(t, embeddedtest.Start(t).URL())
	for _, size := range []int{0, 10} {
		for _, subject := range []string{"event.graph.*", "event.graph.>", "event.graph.", "event..x", "event.graph.a b", "event.graph.\x00"} {
			report, err := s.publisher(t, inBatches(size)).Publish(t.Context(), publish.Events(publish.Event{Line: 3, Subject: subject}))
			if failed, ok := errors.AsType[*publish.Error](err); !ok || failed.Line != 3 || report.Accepted != 0 {
				t.Errorf("%q in batches of %d: %v, report %+v, want line 3 refused", subject, size, err, report)
			}
		}
	}
	stream, err := s.js.Stream(t.Context(), "EVENTS")
	if err != nil {
		t.Fatal(err)
	}
	if got := stream.CachedInfo().State.Msgs; got != 0 {
		t.Errorf("the stream holds %d events, want none", got)
	}
}

// TestTrap35FailureHoldsBackOtherSubjects refuses one event of an aggregate: nothing that happened to it later is stored,
// on whatever subject.
func TestTrap35FailureHoldsBackOtherSubjects(t *testing.T) {
	s := connect(t, embeddedtest.Start(t).URL())
	var list []publish.Event
	for n := range 40 {
		list = append(list, publish.Event{
			Subject: fmt.Sprintf("event.graph.kind%d", n%4), Aggregate: "a", ID: fmt.Sprint(n), Body: fmt.Append(nil, n),
		})
	}
	list[17].Header = eventlog.Header{"Nats-Expected-Last-Sequence": {"99999"}}
	if _, err := s.publisher(t, nil).Publish(t.Context(), publish.Events(list...)); err == nil {
		t.Error("Publish: no error")
	}
	got := s.stored(t)
	for n, r := range got {
		if string(r.Body) != fmt.Sprint(n) {
			t.Errorf("%s holds event %s, want %d", r.Seq, r.Body, n)
		}
	}
	if len(got) != 17 {
		t.Errorf("the stream holds %d events, want the 17 before the one that is refused", len(got))
	}
}
