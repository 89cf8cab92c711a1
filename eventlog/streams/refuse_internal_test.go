package streams

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/nats-io/nats.go/jetstream"
)

// refusal is one thing that a server refuses: what is there, what is wished, and the item and code that are refused.
type refusal struct {
	name   string
	conf   string // of the server; "" = the embedded one
	held   func(t *testing.T, js jetstream.JetStream)
	layout Layout
	item   string
	code   jetstream.ErrorCode
	text   string // part of what is to be done instead
}

// holding makes a stream with the document's subjects that differs in something.
func holding(differ func(*jetstream.StreamConfig)) func(*testing.T, jetstream.JetStream) {
	return func(t *testing.T, js jetstream.JetStream) {
		cfg := jetstream.StreamConfig{Name: DefaultStream, Subjects: DocumentSubjects()}
		differ(&cfg)
		create(t, js, cfg)
	}
}

// holdingConsumer makes a consumer that differs in something, on a stream with the document's subjects.
func holdingConsumer(cfg jetstream.ConsumerConfig, differ func(*jetstream.ConsumerConfig)) func(*testing.T, jetstream.JetStream) {
	return func(t *testing.T, js jetstream.JetStream) {
		create(t, js, jetstream.StreamConfig{Name: DefaultStream, Subjects: DocumentSubjects()})
		differ(&cfg)
		if err := createConsumer(t.Context(), js, DefaultStream, cfg); err != nil {
			t.Fatal(err)
		}
	}
}

func refusals() []refusal {
	graph, system := DocumentDomains()[0], DocumentDomains()[2]
	limited := `jetstream { max_mem: 1G, max_file: 20G }
		accounts { A { users [{user: a, password: a}], jetstream { max_file: 5G, max_mem: 1G } } }
		no_auth_user: a`
	document := DocumentLimits()
	return []refusal{
		{
			name: "subjects of another stream", item: DefaultStream, code: 10065, text: "GRAPH takes event.graph.>",
			held: func(t *testing.T, js jetstream.JetStream) {
				create(t, js, jetstream.StreamConfig{Name: "GRAPH", Subjects: []string{"event.graph.>", "x"}})
			},
		},
		{
			name: "subjects of another stream, added", item: DefaultStream, code: 10065, text: "delete it once",
			layout: Layout{Subjects: []string{"more.>"}},
			held: func(t *testing.T, js jetstream.JetStream) {
				holding(func(*jetstream.StreamConfig) {})(t, js)
				create(t, js, jetstream.StreamConfig{Name: "MORE", Subjects: []string{"more.x"}})
			},
		},
		{
			name: "subjects that cross", item: DefaultStream, code: 10052, text: "some subjects match both",
			layout: Layout{Subjects: []string{"a.x.>"}},
			held:   holding(func(cfg *jetstream.StreamConfig) { cfg.Subjects = append(cfg.Subjects, "a.*.b") }),
		},
		{
			name: "name with other subjects", item: DefaultStream, code: 10058, text: "choose another name with --stream",
			held: func(t *testing.T, js jetstream.JetStream) {
				create(t, js, jetstream.StreamConfig{Name: DefaultStream, Subjects: []string{"events.>"}})
			},
		},
		{
			name: "domain stream that is cim-graph's", item: "CIM_GRAPH_EVENTS", code: 10058, text: "takes local.cim.> itself",
			layout: Layout{Domains: []Domain{graph}},
			held: func(t *testing.T, js jetstream.JetStream) {
				create(t, js, jetstream.StreamConfig{Name: "CIM_GRAPH_EVENTS", Subjects: []string{"local.cim.>"}})
			},
		},
		{
			name: "domain stream that is fed by others", item: "CIM_GRAPH_EVENTS", code: 10058, text: "not fed from CIM_EVENTS",
			layout: Layout{Domains: []Domain{graph}},
			held: func(t *testing.T, js jetstream.JetStream) {
				create(t, js, jetstream.StreamConfig{Name: "CIM_GRAPH_EVENTS", Sources: []*jetstream.StreamSource{{Name: "X"}}})
			},
		},
		{
			name: "mirror", item: DefaultStream, code: 10034, text: "mirror of ORIGIN",
			held: func(t *testing.T, js jetstream.JetStream) {
				create(t, js, jetstream.StreamConfig{Name: DefaultStream, Mirror: &jetstream.StreamSource{Name: "ORIGIN"}})
			},
		},
		{
			name: "replicas on a single server", item: DefaultStream, code: 10074, text: "--replicas 1",
			layout: Layout{Replicas: 3},
		},
		{
			name: "replicas of what is there", item: DefaultStream, code: 10074, text: "--replicas 1",
			layout: Layout{Replicas: 3}, held: holding(func(*jetstream.StreamConfig) {}),
		},
		{
			name: "storage", item: DefaultStream, code: 10052, text: "is stored in memory",
			held: holding(func(cfg *jetstream.StreamConfig) { cfg.Storage = jetstream.MemoryStorage }),
		},
		{
			name: "work queue as origin", item: DefaultStream, code: 10052, text: "keeps no history",
			held: holding(func(cfg *jetstream.StreamConfig) { cfg.Retention = jetstream.WorkQueuePolicy }),
		},
		{
			name: "copy that is to be a work queue", item: "CIM_GRAPH_EVENTS", code: 10052, text: "of another name",
			layout: Layout{Domains: []Domain{{Name: graph.Name, Filters: graph.Filters, Retention: jetstream.WorkQueuePolicy}}},
			held: func(t *testing.T, js jetstream.JetStream) {
				create(t, js, jetstream.StreamConfig{
					Name: graph.Name, Sources: []*jetstream.StreamSource{{Name: DefaultStream, FilterSubject: graph.Filters[0]}},
				})
			},
		},
		{
			name: "discard per subject", item: DefaultStream, code: 10052, text: "--no-discard-per-subject", layout: Layout{Limits: &document},
			held: holding(func(cfg *jetstream.StreamConfig) {
				cfg.Discard, cfg.DiscardNewPerSubject, cfg.MaxMsgsPerSubject = jetstream.DiscardNew, true, 10
			}),
		},
		{
			name: "filters of a copy that overlap", item: "D", code: 10147, text: "leave out event.system.x",
			layout: Layout{Domains: []Domain{{Name: "D", Filters: append([]string{"event.system.x"}, system.Filters...)}}},
		},
		{
			name: "larger messages than a copy takes", item: "D", code: 10046, text: "no limit below",
			layout: Layout{Domains: []Domain{{Name: "D", Filters: graph.Filters, Limits: &Limits{MaxMsgSize: 100}}}},
			held:   holding(func(cfg *jetstream.StreamConfig) { cfg.MaxMsgSize = 1000 }),
		},
		{
			name: "no room in the account", conf: limited, item: DefaultStream, code: 10047, text: "the account has 5000000000 left",
			layout: Layout{Limits: &document},
		},
		{
			name: "no room for more", conf: limited, item: DefaultStream, code: 10047, text: "the account has 5000000000 left",
			layout: Layout{Limits: &document},
			held:   holding(func(cfg *jetstream.StreamConfig) { cfg.MaxBytes = 4 << 30 }),
		},
		{
			name: "no room in the account's memory", conf: limited, item: "D", code: 10028, text: "the account has 1000000000 left",
			layout: Layout{Domains: []Domain{{
				Name: "D", Filters: graph.Filters, Storage: jetstream.MemoryStorage, Limits: &Limits{MaxBytes: 2 << 30},
			}}},
		},
		{
			name: "larger than a stream may be", item: DefaultStream, code: 10122, text: "lets a stream have 1000000000 bytes",
			conf:   strings.Replace(limited, "max_file: 5G,", "max_file: 20G, max_mem: 1G, disk_max_stream_bytes: 1G,", 1),
			layout: Layout{Limits: &document},
		},
		{
			name: "limit in bytes required", item: DefaultStream, code: 10113, text: "--limits document",
			conf: strings.Replace(limited, "max_file: 5G,", "max_file: 20G, max_bytes_required: true,", 1),
		},
		{
			name: "deliver policy", item: UIName, code: 10012, text: "nats consumer rm CIM_EVENTS realtime_ui_updates",
			layout: Layout{Consumers: true},
			held: holdingConsumer(userInterface(), func(cfg *jetstream.ConsumerConfig) {
				cfg.DeliverPolicy = jetstream.DeliverAllPolicy
			}),
		},
		{
			name: "ack policy", item: ProcessorName, code: 10012, text: "delete it if nobody needs its position",
			layout: Layout{Consumers: true},
			held: holdingConsumer(processor(nil), func(cfg *jetstream.ConsumerConfig) {
				cfg.AckPolicy = jetstream.AckAllPolicy
			}),
		},
		{
			name: "replay policy", item: ProcessorName, code: 10012, layout: Layout{Consumers: true},
			held: holdingConsumer(processor(nil), func(cfg *jetstream.ConsumerConfig) {
				cfg.ReplayPolicy = jetstream.ReplayOriginalPolicy
			}),
		},
		{
			name: "consumer in memory", item: ProcessorName, code: 10012, layout: Layout{Consumers: true},
			held: holdingConsumer(processor(nil), func(cfg *jetstream.ConsumerConfig) { cfg.MemoryStorage = true }),
		},
		{
			name: "push consumer that is to be pulled from", item: ProcessorName, code: 10012, layout: Layout{Consumers: true},
			held: holdingConsumer(processor(nil), func(cfg *jetstream.ConsumerConfig) { cfg.DeliverSubject = "somewhere" }),
		},
		{
			name: "pull consumer that is to push", item: UIName, code: 10012, layout: Layout{Consumers: true},
			held: holdingConsumer(userInterface(), func(cfg *jetstream.ConsumerConfig) { cfg.DeliverSubject = "" }),
		},
		{
			name: "updates that are stored again", item: UIName, code: 10081, text: "takes ui.>",
			layout: Layout{Consumers: true, Subjects: []string{"ui.>"}},
		},
	}
}

// TestRefusalsAreTheServers plans what is refused, sees that nothing of it is applied, and then has the server do it
// all the same: it refuses for the reason that the plan gave.
func TestRefusalsAreTheServers(t *testing.T) {
	for _, c := range refusals() {
		t.Run(c.name, func(t *testing.T) {
			var js jetstream.JetStream
			if c.conf == "" {
				js = connect(t)
			} else {
				js = connectTo(t, c.conf)
			}
			if c.held != nil {
				c.held(t, js)
			}
			p := planFor(t, js, c.layout)
			i := p.item(t, c.item)
			at := slices.IndexFunc(i.Refusals, func(r Refusal) bool { return r.Code == c.code })
			if i.Action != Refuse || at < 0 {
				t.Fatalf("got %s, want it refused with %d", shown(i), c.code)
			}
			if !strings.Contains(i.Refusals[at].Instead, c.text) {
				t.Errorf("instead: %q, want %q in it", i.Refusals[at].Instead, c.text)
			}
			if done, err := Apply(t.Context(), js, p); !errors.Is(err, ErrRefused) || len(done) > 0 {
				t.Errorf("Apply: %v, %v; want ErrRefused and nothing done", done, err)
			}
			theServerSaysSo(t, js, p, i, i.Refusals[at])
		})
	}
}

// theServerSaysSo does what was refused.
func theServerSaysSo(t *testing.T, js jetstream.JetStream, p Plan, i Item, want Refusal) {
	t.Helper()
	for _, before := range p.Items { // what the item builds on
		if before.Name != i.Name && before.Action == Create {
			if err := before.apply(t.Context(), js); err != nil {
				t.Fatal(err)
			}
		}
	}
	err := force(t, js, i)
	api, ok := errors.AsType[jetstream.JetStreamError](err)
	if !ok || api.APIError() == nil {
		t.Fatalf("the server says %v, want an API error", err)
	}
	if got := api.APIError(); got.ErrorCode != want.Code || got.Description != want.Reason {
		t.Errorf("the server says %d %q, the plan %d %q", got.ErrorCode, got.Description, want.Code, want.Reason)
	}
}

// force makes a step without looking.
func force(t *testing.T, js jetstream.JetStream, i Item) error {
	t.Helper()
	switch {
	case i.consumer != nil && i.consumer.from == nil:
		return createConsumer(t.Context(), js, i.Stream, i.consumer.to)
	case i.consumer != nil:
		return i.changeConsumer(t.Context(), js)
	case i.stream == nil: // another's: as it would be without it
		return forceForeign(t, js, i)
	case i.stream.from == nil:
		_, err := js.CreateStream(t.Context(), i.stream.to)
		return err
	}
	return i.changeStream(t.Context(), js)
}

func forceForeign(t *testing.T, js jetstream.JetStream, i Item) error {
	t.Helper()
	to := jetstream.StreamConfig{Name: i.Name, Subjects: DocumentSubjects()}
	if i.Name != DefaultStream {
		to = jetstream.StreamConfig{Name: i.Name, Sources: []*jetstream.StreamSource{{Name: DefaultStream}}}
	}
	if i.Refusals[0].Code != codeMirrorSubjects {
		_, err := js.CreateStream(t.Context(), to)
		return err
	}
	stream, err := js.Stream(t.Context(), i.Name)
	if err != nil {
		return err
	}
	to = stream.CachedInfo().Config
	to.Subjects = DocumentSubjects()
	_, err = js.UpdateStream(t.Context(), to)
	return err
}
