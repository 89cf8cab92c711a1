package streams

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/nats-io/nats.go/jetstream"
)

// The numbers are those of the known contradictions in CIM's sources; testdata/TRAPS.md lists them all.

// requireCode fails where the server's refusal is not of this code.
func requireCode(t *testing.T, err error, want jetstream.ErrorCode) {
	t.Helper()
	api, ok := errors.AsType[jetstream.JetStreamError](err)
	if !ok || api.APIError() == nil || api.APIError().ErrorCode != want {
		t.Errorf("the server says %v, want code %d", err, want)
	}
}

// requireRefused fails where an item is not refused with this code and, as what to do instead, this text.
func requireRefused(t *testing.T, i Item, code jetstream.ErrorCode, text string) {
	t.Helper()
	if i.Action != Refuse || !slices.ContainsFunc(i.Refusals, func(r Refusal) bool {
		return r.Code == code && strings.Contains(r.Reason+" "+r.Instead, text)
	}) {
		t.Errorf("got %s, want it refused with %d and %q", shown(i), code, text)
	}
}

// TestTrap01OneStreamOwnsTheSubjects makes the document's four streams, of which three would list subjects again: they
// are fed from the first. The server refuses what the document has, and the plan says so before.
func TestTrap01OneStreamOwnsTheSubjects(t *testing.T) {
	js := connect(t)
	apply(t, js, Layout{Domains: DocumentDomains()})
	for _, d := range DocumentDomains() {
		cfg := config(t, js, d.Name)
		if len(cfg.Subjects) != 0 || len(cfg.Sources) != 1 || cfg.Sources[0].Name != DefaultStream {
			t.Errorf("%s takes %v and is fed from %v, want %s alone", d.Name, cfg.Subjects, cfg.Sources, DefaultStream)
		}
	}
	again := jetstream.StreamConfig{Name: "AGAIN", Subjects: []string{"event.graph.>"}}
	_, err := js.CreateStream(t.Context(), again)
	requireCode(t, err, 10065)

	other := connect(t)
	create(t, other, again)
	requireRefused(t, planFor(t, other, Layout{}).item(t, DefaultStream), 10065, "AGAIN takes event.graph.>")
}

// TestTrap03OneReplicaIsTheDefault makes a stream on a server that is alone, where the document's three are refused.
func TestTrap03OneReplicaIsTheDefault(t *testing.T) {
	js := connect(t)
	i := planFor(t, js, Layout{Replicas: 3}).item(t, DefaultStream)
	requireRefused(t, i, 10074, "--replicas 1")
	requireCode(t, force(t, js, i), 10074)
	apply(t, js, Layout{})
	if got := config(t, js, DefaultStream).Replicas; got != 1 {
		t.Errorf("%d replicas, want 1", got)
	}
}

// TestTrap13NamesOfStreams takes a name that is asked for, and leaves a stream alone that has it and is somebody else's.
func TestTrap13NamesOfStreams(t *testing.T) {
	js := connect(t)
	theirs := jetstream.StreamConfig{Name: "CIM_GRAPH_EVENTS", Subjects: []string{"local.cim.>"}}
	create(t, js, theirs)
	l := Layout{Domains: DocumentDomains()[:1]}
	p := planFor(t, js, l)
	requireRefused(t, p.item(t, "CIM_GRAPH_EVENTS"), 10058, "takes local.cim.> itself")
	if done, err := Apply(t.Context(), js, p); !errors.Is(err, ErrRefused) || len(done) > 0 {
		t.Errorf("Apply: %v, %v, want ErrRefused and nothing done", done, err)
	}
	if got := config(t, js, "CIM_GRAPH_EVENTS"); !slices.Equal(got.Subjects, theirs.Subjects) || len(got.Sources) > 0 {
		t.Errorf("their stream is %+v", got)
	}
	l.Domains[0].Name = "OURS"
	l.Stream = "CIM-EVENTS"
	apply(t, js, l)
	if got := config(t, js, "OURS"); got.Sources[0].Name != "CIM-EVENTS" {
		t.Errorf("OURS is fed from %s, want CIM-EVENTS", got.Sources[0].Name)
	}
	requireRefused(t, planFor(t, js, Layout{}).item(t, DefaultStream), 10065, "CIM-EVENTS takes")
}

// TestTrap26FiltersThatSelectNothing are refused here, because the server takes them in silence; those that overlap are
// refused by both.
func TestTrap26FiltersThatSelectNothing(t *testing.T) {
	js := connect(t)
	apply(t, js, Layout{})
	for _, filter := range []string{"event.grahp.>", "event.dlq.>", "nothing.here"} {
		wrong := Layout{Domains: []Domain{{Name: "D", Filters: []string{filter}}}}
		requireRefused(t, planFor(t, js, wrong).item(t, "D"), 0, filter+" selects nothing")
	}
	_, err := js.CreateConsumer(t.Context(), DefaultStream, jetstream.ConsumerConfig{FilterSubjects: []string{"nothing.here"}})
	if err != nil {
		t.Errorf("the server refuses what it is thought to take: %v", err)
	}
	double := Layout{Domains: []Domain{{Name: "D", Filters: []string{"event.graph.>", "event.graph.x"}}}}
	i := planFor(t, js, double).item(t, "D")
	requireRefused(t, i, 10147, "leave out event.graph.x")
	requireCode(t, force(t, js, i), 10147)
}

// TestTrap27FilterWiderThanTheStream makes the document's processor, whose event.> takes in more than the stream does.
func TestTrap27FilterWiderThanTheStream(t *testing.T) {
	js := connect(t)
	apply(t, js, Layout{Consumers: true})
	fill(t, js, "event.graph.x", "event.conceptual.x", "event.workflow.x", "event.agent.x", "event.system.x")
	c, err := js.Consumer(t.Context(), DefaultStream, ProcessorName)
	if err != nil {
		t.Fatal(err)
	}
	if info := c.CachedInfo(); info.NumPending != 5 {
		t.Errorf("%d events wait for filter %q %q, want 5", info.NumPending, info.Config.FilterSubject, info.Config.FilterSubjects)
	}
}
