package streams

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go/jetstream"
)

// everyPart is a layout with all that there is.
func everyPart() Layout {
	limits := DocumentLimits()
	domains := DocumentDomains()
	domains[0].Retention, domains[0].Storage = jetstream.WorkQueuePolicy, jetstream.MemoryStorage
	return Layout{Families: true, Limits: &limits, Domains: domains, Consumers: true}
}

// apply plans and applies.
func apply(t *testing.T, js jetstream.JetStream, l Layout) (Plan, []Item) {
	t.Helper()
	p := planFor(t, js, l)
	done, err := Apply(t.Context(), js, p)
	if err != nil {
		t.Fatalf("Apply: %v", err)
	}
	return p, done
}

func config(t *testing.T, js jetstream.JetStream, stream string) jetstream.StreamConfig {
	t.Helper()
	s, err := js.Stream(t.Context(), stream)
	if err != nil {
		t.Fatal(err)
	}
	return s.CachedInfo().Config
}

func TestApplyTwice(t *testing.T) {
	for name, l := range map[string]Layout{"nothing asked for": {}, "all asked for": everyPart()} {
		t.Run(name, func(t *testing.T) {
			js := connect(t)
			p, done := apply(t, js, l)
			if p.Count(Create) != len(p.Items) || len(done) != len(p.Items) {
				t.Errorf("first: %+v, done %d of %d", p, len(done), len(p.Items))
			}
			p, done = apply(t, js, l)
			if !p.Empty() || len(done) != 0 {
				t.Errorf("second: %+v, done %v; want nothing to do", p, done)
			}
			for _, i := range p.Items {
				if i.Kind == StreamKind && len(i.Notes) > 0 {
					t.Errorf("second: %s with the notes %q", i, i.Notes)
				}
			}
		})
	}
}

// TestDocument holds what is made against the document.
func TestDocument(t *testing.T) {
	js := connect(t)
	apply(t, js, everyPart())

	events := config(t, js, "CIM_EVENTS")
	for _, s := range []string{"event.graph.>", "event.conceptual.>", "event.workflow.>", "event.agent.>", "event.system.>", "events.>"} {
		if !slices.Contains(events.Subjects, s) {
			t.Errorf("CIM_EVENTS does not take %s", s)
		}
	}
	if events.Retention != jetstream.LimitsPolicy || events.Storage != jetstream.FileStorage || events.MaxMsgs != 1_000_000 ||
		events.MaxBytes != 10*1024*1024*1024 || events.MaxAge != 365*24*time.Hour || events.MaxMsgSize != 1024*1024 ||
		events.MaxConsumers != 100 || events.Duplicates != 120*time.Second || events.Discard != jetstream.DiscardOld ||
		events.Replicas != 1 {
		t.Errorf("CIM_EVENTS is %+v", events)
	}
	graph := config(t, js, "CIM_GRAPH_EVENTS")
	if graph.Retention != jetstream.WorkQueuePolicy || graph.Storage != jetstream.MemoryStorage || graph.MaxAge != 24*time.Hour ||
		graph.MaxMsgs != 10_000_000 || len(graph.Subjects) != 0 {
		t.Errorf("CIM_GRAPH_EVENTS is %+v", graph)
	}
	for name, age := range map[string]time.Duration{"CIM_CONCEPTUAL_EVENTS": 5 * year, "CIM_SYSTEM_EVENTS": 10 * year} {
		got := config(t, js, name)
		if got.Retention != jetstream.LimitsPolicy || got.Storage != jetstream.FileStorage || got.MaxAge != age || got.MaxMsgs != -1 {
			t.Errorf("%s is %+v", name, got)
		}
	}
	held, err := Consumers(t.Context(), js, "CIM_EVENTS")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]jetstream.ConsumerConfig{}
	for _, info := range held {
		seen[info.Name] = info.Config
	}
	p, ui := seen["batch_processor"], seen["realtime_ui_updates"]
	if p.AckPolicy != jetstream.AckExplicitPolicy || p.AckWait != 30*time.Second || p.MaxDeliver != 3 || p.MaxAckPending != 1000 ||
		p.DeliverPolicy != jetstream.DeliverAllPolicy || p.ReplayPolicy != jetstream.ReplayInstantPolicy ||
		p.Durable != "batch_processor" {
		t.Errorf("batch_processor is %+v", p)
	}
	if ui.AckPolicy != jetstream.AckNonePolicy || ui.DeliverPolicy != jetstream.DeliverNewPolicy || ui.DeliverSubject != "ui.updates" ||
		len(ui.FilterSubjects) != 5 || ui.Durable != "realtime_ui_updates" {
		t.Errorf("realtime_ui_updates is %+v", ui)
	}
}

// TestChangeOneField changes one thing by hand at a time, and sees exactly that planned, applied, and gone.
func TestChangeOneField(t *testing.T) {
	js := connect(t)
	apply(t, js, everyPart())
	awaitFeeds(t, js, everyPart())
	stream := func(name string, f func(*jetstream.StreamConfig)) func(*testing.T) {
		return func(t *testing.T) {
			cfg := config(t, js, name)
			f(&cfg)
			if _, err := js.UpdateStream(t.Context(), cfg); err != nil {
				t.Fatal(err)
			}
		}
	}
	processor := func(f func(*jetstream.ConsumerConfig)) func(*testing.T) {
		return func(t *testing.T) {
			c, err := js.Consumer(t.Context(), "CIM_EVENTS", ProcessorName)
			if err != nil {
				t.Fatal(err)
			}
			cfg := c.CachedInfo().Config
			f(&cfg)
			if _, err := js.UpdateConsumer(t.Context(), "CIM_EVENTS", cfg); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, c := range []struct {
		name, item string
		by         func(*testing.T)
		want       FieldChange
	}{
		{"messages", "CIM_EVENTS", stream("CIM_EVENTS", func(cfg *jetstream.StreamConfig) { cfg.MaxMsgs = 5 }),
			FieldChange{"max_msgs", int64(5), int64(1_000_000)}},
		{"bytes", "CIM_EVENTS", stream("CIM_EVENTS", func(cfg *jetstream.StreamConfig) { cfg.MaxBytes = -1 }),
			FieldChange{"max_bytes", int64(-1), int64(10 << 30)}},
		{"age", "CIM_SYSTEM_EVENTS", stream("CIM_SYSTEM_EVENTS", func(cfg *jetstream.StreamConfig) { cfg.MaxAge = year }),
			FieldChange{"max_age", year, 10 * year}},
		{"size", "CIM_EVENTS", stream("CIM_EVENTS", func(cfg *jetstream.StreamConfig) { cfg.MaxMsgSize = -1 }),
			FieldChange{"max_msg_size", int32(-1), int32(1 << 20)}},
		{"consumers", "CIM_EVENTS", stream("CIM_EVENTS", func(cfg *jetstream.StreamConfig) { cfg.MaxConsumers = 7 }),
			FieldChange{"max_consumers", 7, 100}},
		{"discard", "CIM_EVENTS", stream("CIM_EVENTS", func(cfg *jetstream.StreamConfig) { cfg.Discard = jetstream.DiscardNew }),
			FieldChange{"discard", "new", "old"}},
		{"window", "CIM_EVENTS", stream("CIM_EVENTS", func(cfg *jetstream.StreamConfig) { cfg.Duplicates = time.Minute }),
			FieldChange{"duplicate_window", time.Minute, 2 * time.Minute}},
		{"wait", ProcessorName, processor(func(cfg *jetstream.ConsumerConfig) { cfg.AckWait = time.Minute }),
			FieldChange{"ack_wait", time.Minute, 30 * time.Second}},
		{"deliveries", ProcessorName, processor(func(cfg *jetstream.ConsumerConfig) { cfg.MaxDeliver = -1 }),
			FieldChange{"max_deliver", -1, 3}},
		{"pending", ProcessorName, processor(func(cfg *jetstream.ConsumerConfig) { cfg.MaxAckPending = 1 }),
			FieldChange{"max_ack_pending", 1, 1000}},
		{"filter", ProcessorName, processor(func(cfg *jetstream.ConsumerConfig) { cfg.FilterSubjects = []string{"event.graph.>"} }),
			FieldChange{"filter_subjects", []string{"event.graph.>"}, []string(nil)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.by(t)
			p, done := apply(t, js, everyPart())
			if len(done) != 1 || p.Count(Same) != len(p.Items)-1 {
				t.Fatalf("done %v, want one change in %+v", done, p)
			}
			if diff := cmp.Diff([]FieldChange{c.want}, p.item(t, c.item).Changes); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if p := planFor(t, js, everyPart()); !p.Empty() {
				t.Errorf("afterwards: %+v, want nothing to do", p)
			}
		})
	}
}

// TestInterestBecomesLimits changes the one retention that a server lets go.
func TestInterestBecomesLimits(t *testing.T) {
	js := connect(t)
	create(t, js, jetstream.StreamConfig{Name: DefaultStream, Subjects: DocumentSubjects(), Retention: jetstream.InterestPolicy})
	p, _ := apply(t, js, Layout{Domains: DocumentDomains()})
	if diff := cmp.Diff([]FieldChange{{"retention", "interest", "limits"}}, p.Items[0].Changes); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got := config(t, js, DefaultStream).Retention; got != jetstream.LimitsPolicy {
		t.Errorf("got %s", got)
	}
}

// TestWhatIsThereStays holds that a layout adds, and leaves alone what it does not speak of.
func TestWhatIsThereStays(t *testing.T) {
	js := connect(t)
	made := jetstream.StreamConfig{
		Name: DefaultStream, Description: "ours", MaxMsgs: 77, Compression: jetstream.S2Compression, MaxMsgsPerSubject: 9,
		Subjects:   []string{"event.graph.node_created", "orders.>", "event.agent.>"},
		DenyDelete: true, Metadata: map[string]string{"team": "a"},
	}
	create(t, js, made)
	apply(t, js, Layout{Subjects: []string{"more.>", "event.graph.x"}})
	got := config(t, js, DefaultStream)
	want := []string{"orders.>", "event.agent.>", "event.graph.>", "event.conceptual.>", "event.workflow.>", "event.system.>", "more.>"}
	if diff := cmp.Diff(want, got.Subjects); diff != "" {
		t.Errorf("subjects (-want +got)\n%s", diff)
	}
	if got.Description != "ours" || got.MaxMsgs != 77 || got.Compression != jetstream.S2Compression || got.MaxMsgsPerSubject != 9 ||
		!got.DenyDelete || got.Metadata["team"] != "a" || got.AllowDirect {
		t.Errorf("got %+v, want it left alone", got)
	}

	wide := config(t, js, DefaultStream)
	wide.Subjects = []string{"event.>", "more.>"}
	if _, err := js.UpdateStream(t.Context(), wide); err != nil {
		t.Fatal(err)
	}
	p := planFor(t, js, Layout{})
	if !p.Empty() || !strings.Contains(strings.Join(p.Items[0].Notes, " "), "event.dlq.> too") {
		t.Errorf("got %s, want nothing to do and a note about dead letters", shown(p))
	}
}

// TestStreamThatOthersFeed holds that a deployment with domain streams as origins may have one stream that sources them.
func TestStreamThatOthersFeed(t *testing.T) {
	js := connect(t)
	create(t, js, jetstream.StreamConfig{Name: "GRAPH", Subjects: []string{"event.graph.>"}})
	create(t, js, jetstream.StreamConfig{Name: DefaultStream, Sources: []*jetstream.StreamSource{{Name: "GRAPH"}}})
	if p := planFor(t, js, Layout{}); !p.Empty() {
		t.Errorf("got %s, want nothing to do", shown(p))
	}
}

func TestApplyErrorSaysWhatWasDone(t *testing.T) {
	item := func(name string) Item { return Item{Kind: "stream", Name: name, Action: Create} }
	reason := &jetstream.APIError{ErrorCode: codeStorageExceeded, Description: "full"}
	for want, e := range map[string]*ApplyError{
		"(nothing was done before)":                 {Item: item("A"), Err: reason},
		"raise the server's max_file":               {Item: item("A"), Err: reason},
		"(done before: stream B, stream C)":         {Item: item("A"), Done: []Item{item("B"), item("C")}, Err: reason},
		"streams: create stream A: nats: API error": {Item: item("A"), Err: reason},
	} {
		if shown := fmt.Sprint(e); !strings.Contains(shown, want) {
			t.Errorf("got %q, want %q in it", shown, want)
		}
	}
}

func TestApplyStopsAtTheFirstFailure(t *testing.T) {
	const small = `jetstream { max_mem: 1G, max_file: 5G }` // which no client is told about
	limits := DocumentLimits()
	js := connectTo(t, small)
	p := planFor(t, js, Layout{Limits: &limits})
	done, err := Apply(t.Context(), js, p)
	failed, ok := errors.AsType[*ApplyError](err)
	if !ok || len(done) != 0 || failed.Item.Name != DefaultStream || len(failed.Done) != 0 ||
		nextStep(err) != nextSteps[codeStorageExceeded] {
		t.Errorf("got %v, %v", done, err)
	}

	domains := DocumentDomains()
	domains[1].Limits = &Limits{MaxBytes: 10 << 30}
	l := Layout{Domains: domains}
	done, err = Apply(t.Context(), js, planFor(t, js, l))
	failed, ok = errors.AsType[*ApplyError](err)
	if !ok || failed.Item.Name != "CIM_CONCEPTUAL_EVENTS" || len(done) != 2 || len(failed.Done) != 2 ||
		failed.Done[0].Name != "CIM_EVENTS" || failed.Done[1].Name != "CIM_GRAPH_EVENTS" {
		t.Errorf("got %v, %v", done, err)
	}
	domains[1].Limits = nil
	p = planFor(t, js, l)
	if p.Count(Same) != 2 || p.Count(Create) != 2 {
		t.Errorf("planned again: %+v, want the rest", p)
	}
}

func TestServerThatDoesNotAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		conf   string
		reason error
		advice string
	}{
		"without JetStream": {"", jetstream.ErrJetStreamNotEnabled, "enable JetStream there"},
		"not allowed": {`jetstream: enabled
			authorization { users [{user: a, password: a, permissions: {publish: {deny: "$JS.>"}}}] }
			no_auth_user: a`, context.DeadlineExceeded, "allows this user to publish to $JS.API.>"},
	} {
		t.Run(name, func(t *testing.T) {
			js := connectTo(t, c.conf)
			ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
			defer cancel()
			_, err := PlanFor(ctx, js, Layout{})
			if shown := fmt.Sprint(err); !errors.Is(err, c.reason) || !strings.Contains(shown, c.advice) {
				t.Errorf("got %v, want %v with %q", err, c.reason, c.advice)
			}
		})
	}
}

func TestApplyLeavesAloneWhatChangedSince(t *testing.T) {
	js := connect(t)
	document := DocumentLimits()
	apply(t, js, Layout{Limits: &document})
	p := planFor(t, js, Layout{Limits: &Limits{MaxMsgs: 7}})
	cfg := config(t, js, DefaultStream)
	cfg.Description = "somebody else's"
	if _, err := js.UpdateStream(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	_, err := Apply(t.Context(), js, p)
	if !errors.Is(err, ErrChanged) || nextStep(err) != "plan again" {
		t.Errorf("got %v, want ErrChanged", err)
	}
	if got := config(t, js, DefaultStream); got.MaxMsgs != 1_000_000 || got.Description != "somebody else's" {
		t.Errorf("got %+v, want it as the other left it", got)
	}
	if err := js.DeleteStream(t.Context(), DefaultStream); err != nil {
		t.Fatal(err)
	}
	if _, err := Apply(t.Context(), js, p); !errors.Is(err, jetstream.ErrStreamNotFound) {
		t.Errorf("got %v, want ErrStreamNotFound", err)
	}
}
