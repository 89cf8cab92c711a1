package streams_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/eventlog/embedded/embeddedtest"
	"github.com/thecowboyai/cim-projector/eventlog/natslog"
	"github.com/thecowboyai/cim-projector/eventlog/streams"
)

// patience is how long a copy may take to arrive.
const patience = 10 * time.Second

func connect(t *testing.T) jetstream.JetStream {
	t.Helper()
	js, err := jetstream.New(embeddedtest.Connect(t, embeddedtest.Start(t).URL()))
	if err != nil {
		t.Fatal(err)
	}
	return js
}

func apply(t *testing.T, js jetstream.JetStream, l streams.Layout) {
	t.Helper()
	p, err := streams.PlanFor(t.Context(), js, l)
	if err != nil {
		t.Fatalf("PlanFor: %v", err)
	}
	if _, err := streams.Apply(t.Context(), js, p); err != nil {
		t.Fatalf("Apply: %v", err)
	}
}

// copied is one event of a copy.
type copied struct {
	Subject, Body string
	Seq           uint64
	From          streams.Source
}

// read waits for a stream to hold so many events, and returns them all.
func read(t *testing.T, js jetstream.JetStream, stream string, n int) []copied {
	t.Helper()
	c, err := js.OrderedConsumer(t.Context(), stream, jetstream.OrderedConsumerConfig{})
	if err != nil {
		t.Fatal(err)
	}
	var out []copied
	for len(out) < n {
		msg, err := c.Next(jetstream.FetchMaxWait(patience))
		if err != nil {
			t.Fatalf("%s holds %d events, want %d: %v", stream, len(out), n, err)
		}
		meta, err := msg.Metadata()
		if err != nil {
			t.Fatal(err)
		}
		from, _ := streams.SourceOf(eventlog.Header(msg.Headers()))
		out = append(out, copied{msg.Subject(), string(msg.Data()), meta.Sequence.Stream, from})
	}
	return out
}

// held is how many events a stream has ever had, and has.
func held(t *testing.T, js jetstream.JetStream, stream string) (last, messages uint64) {
	t.Helper()
	s, err := js.Stream(t.Context(), stream)
	if err != nil {
		t.Fatal(err)
	}
	state := s.CachedInfo().State
	return state.LastSeq, state.Msgs
}

// TestDomainsAreFed publishes events of five domains, and sees each copy hold exactly its own, in order, with the
// sequences of the stream of events.
func TestDomainsAreFed(t *testing.T) {
	js := connect(t)
	apply(t, js, streams.Layout{Domains: streams.DocumentDomains()})
	subjects := []string{
		"event.graph.node_created", "event.system.started", "event.agent.registered", "event.agent.moved",
		"event.conceptual.concept_added", "event.agent.deregistered", "event.workflow.started",
	}
	want := map[string][]copied{}
	const rounds = 30
	for n := range rounds * len(subjects) {
		subject, body := subjects[n%len(subjects)], fmt.Sprintf(`{"n":%d}`, n)
		ack, err := js.Publish(t.Context(), subject, []byte(body))
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range streams.DocumentDomains() {
			for _, f := range d.Filters {
				if eventlog.MatchSubject(f, subject) {
					from := streams.Source{Stream: "CIM_EVENTS", Seq: eventlog.Seq(ack.Sequence)}
					want[d.Name] = append(want[d.Name], copied{subject, body, uint64(len(want[d.Name]) + 1), from})
				}
			}
		}
	}
	identities := map[string]bool{}
	for _, d := range streams.DocumentDomains() {
		got := read(t, js, d.Name, len(want[d.Name]))
		for i := range got {
			identities[got[i].From.Identity] = true
			got[i].From.Identity = ""
		}
		if diff := cmp.Diff(want[d.Name], got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", d.Name, diff)
		}
		if last, _ := held(t, js, d.Name); last != uint64(len(want[d.Name])) {
			t.Errorf("%s goes to %d, want %d", d.Name, last, len(want[d.Name]))
		}
	}
	if len(identities) != 1 || identities[""] {
		t.Errorf("identities of the origin: %v, want one", identities)
	}
	if len(want["CIM_SYSTEM_EVENTS"]) != 3*rounds {
		t.Fatalf("the test expects %d events of CIM_SYSTEM_EVENTS", len(want["CIM_SYSTEM_EVENTS"]))
	}
}

// TestQueueIsACopy takes everything from the work queue, and finds it all in the stream of events.
func TestQueueIsACopy(t *testing.T) {
	js := connect(t)
	graph := streams.DocumentDomains()[0]
	graph.Retention, graph.Storage = jetstream.WorkQueuePolicy, jetstream.MemoryStorage
	apply(t, js, streams.Layout{Domains: []streams.Domain{graph}})
	for range 10 {
		if _, err := js.Publish(t.Context(), "event.graph.node_created", nil); err != nil {
			t.Fatal(err)
		}
	}
	worker, err := js.CreateConsumer(t.Context(), graph.Name, jetstream.ConsumerConfig{Durable: "w"})
	if err != nil {
		t.Fatal(err)
	}
	for range 10 {
		msg, err := worker.Next(jetstream.FetchMaxWait(patience))
		if err != nil {
			t.Fatal(err)
		}
		if err := msg.DoubleAck(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if last, messages := held(t, js, graph.Name); last != 10 || messages != 0 {
		t.Errorf("the queue goes to %d and holds %d, want 10 and none", last, messages)
	}
	if _, messages := held(t, js, "CIM_EVENTS"); messages != 10 {
		t.Errorf("the stream of events holds %d, want 10", messages)
	}
	_, err = natslog.Open(t.Context(), natslog.Config{Conn: js.Conn(), Stream: graph.Name})
	if _, ok := errors.AsType[*natslog.RetentionError](err); !ok {
		t.Errorf("Open: %v, want *RetentionError", err)
	}
}

// TestChangedFilterIsRefused shows both: the refusal, and what the server does where nobody refuses.
func TestChangedFilterIsRefused(t *testing.T) {
	js := connect(t)
	d := streams.Domain{Name: "D", Filters: []string{"event.graph.>", "event.agent.x"}}
	apply(t, js, streams.Layout{Domains: []streams.Domain{d}})
	for range 5 {
		for _, s := range []string{"event.graph.x", "event.agent.x"} {
			if _, err := js.Publish(t.Context(), s, nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	read(t, js, "D", 10)

	d.Filters = []string{"event.agent.x", "event.graph.>"} // another order is no other filter
	p, err := streams.PlanFor(t.Context(), js, streams.Layout{Domains: []streams.Domain{d}})
	if err != nil || !p.Empty() {
		t.Fatalf("got %+v, %v; want nothing to do", p, err)
	}
	d.Filters = append(d.Filters, "event.system.>")
	p, err = streams.PlanFor(t.Context(), js, streams.Layout{Domains: []streams.Domain{d}})
	if err != nil || !p.Refused() || !strings.Contains(p.Items[1].Refusals[0].Reason, "would be in it twice") {
		t.Fatalf("got %+v, %v; want it refused", p, err)
	}

	s, err := js.Stream(t.Context(), "D")
	if err != nil {
		t.Fatal(err)
	}
	cfg := s.CachedInfo().Config
	transforms := cfg.Sources[0].SubjectTransforms
	cfg.Sources[0].SubjectTransforms = append(transforms,
		jetstream.SubjectTransformConfig{Source: "event.system.>", Destination: "event.system.>"})
	if _, err := js.UpdateStream(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	got := read(t, js, "D", 20)
	for i := range 10 {
		if got[i].From.Seq != got[i+10].From.Seq || got[i].Subject != got[i+10].Subject {
			t.Errorf("event %d is %+v, want %+v again", i+11, got[i+10], got[i])
		}
	}
}

// TestQueueAsOriginIsRefused shows both: the refusal, and that a copy of a work queue takes its events away.
func TestQueueAsOriginIsRefused(t *testing.T) {
	js := connect(t)
	queue := jetstream.StreamConfig{
		Name: "CIM_EVENTS", Subjects: streams.DocumentSubjects(), Retention: jetstream.WorkQueuePolicy,
	}
	if _, err := js.CreateStream(t.Context(), queue); err != nil {
		t.Fatal(err)
	}
	for range 10 {
		if _, err := js.Publish(t.Context(), "event.graph.x", nil); err != nil {
			t.Fatal(err)
		}
	}
	p, err := streams.PlanFor(t.Context(), js, streams.Layout{Domains: streams.DocumentDomains()})
	if err != nil || p.Count(streams.Refuse) != 4 || !strings.Contains(p.Items[1].Refusals[0].Reason, "take its events away") {
		t.Fatalf("got %+v, %v; want all refused", p, err)
	}
	s, err := js.Stream(t.Context(), "CIM_EVENTS")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := streams.Check(s.CachedInfo()); err == nil {
		t.Error("Check: no error")
	}
	if _, messages := held(t, js, "CIM_EVENTS"); messages != 10 {
		t.Fatalf("planning took events: %d are left", messages)
	}
	copies := jetstream.StreamConfig{Name: "COPY", Sources: []*jetstream.StreamSource{{Name: "CIM_EVENTS"}}}
	if _, err := js.CreateStream(t.Context(), copies); err != nil {
		t.Fatal(err)
	}
	read(t, js, "COPY", 10)
	deadline := time.Now().Add(patience)
	for {
		if _, messages := held(t, js, "CIM_EVENTS"); messages == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("the work queue still holds its events")
		}
	}
}

// TestTrap33UpdatesForInterfaces holds what is said about the push consumer: only the document's five types, those after it
// was made, and they wait for a listener.
func TestTrap33UpdatesForInterfaces(t *testing.T) {
	js := connect(t)
	publish := func(subjects ...string) {
		for _, s := range subjects {
			if _, err := js.Publish(t.Context(), s, []byte(s)); err != nil {
				t.Fatal(err)
			}
		}
	}
	apply(t, js, streams.Layout{})
	publish("event.graph.node_created")
	apply(t, js, streams.Layout{Consumers: true})
	publish("event.graph.node_updated", "event.graph.node_moved", "event.graph.edge_updated", "event.graph.edge_deleted")
	listener, err := js.Conn().SubscribeSync(streams.UISubject)
	if err != nil {
		t.Fatal(err)
	}
	publish("event.agent.registered", "event.graph.edge_created")
	for _, want := range []string{"event.graph.node_updated", "event.graph.edge_deleted", "event.graph.edge_created"} {
		msg, err := listener.NextMsg(patience)
		if err != nil || string(msg.Data) != want {
			t.Fatalf("got %v, %v; want %s", msg, err, want)
		}
	}
}

func TestSourceOf(t *testing.T) {
	for header, want := range map[string]streams.Source{
		"ORI 2 ori.b > ori.b 63KP57Xr":             {Stream: "ORI", Seq: 2, Identity: "63KP57Xr"},
		"ORI 1 ori.a\fori.c ta\ftc ori.a Eco6QNGp": {Stream: "ORI", Seq: 1, Identity: "Eco6QNGp"},
		"ORI:abcdefgh 18446744073709551615 > > x":  {Stream: "ORI", Seq: 1<<64 - 1},
		"ORI 7": {Stream: "ORI", Seq: 7},
		"":      {}, "ORI": {}, "ORI x": {}, "ORI -1": {}, "ORI  1": {}, "ORI 18446744073709551616": {},
	} {
		got, ok := streams.SourceOf(eventlog.Header{"Nats-Stream-Source": {header}})
		if got != want || ok != (want != streams.Source{}) {
			t.Errorf("%q: got %+v, %t; want %+v", header, got, ok, want)
		}
	}
	if got, ok := streams.SourceOf(nil); ok {
		t.Errorf("no header: got %+v", got)
	}
}
