package streams_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/thecowboyai/cim-projector/eventlog/streams"
)

// cluster is a state of so many servers that hold these streams.
func cluster(servers int, held ...jetstream.StreamConfig) streams.State {
	s := streams.State{Clustered: servers > 1, Servers: servers, Now: time.Unix(1_800_000_000, 0)}
	for i := range held {
		s.Streams = append(s.Streams, &jetstream.StreamInfo{Config: held[i]})
	}
	return s
}

// events is the stream of events as a server states it.
func events(differ ...func(*jetstream.StreamConfig)) jetstream.StreamConfig {
	cfg := jetstream.StreamConfig{
		Name: "CIM_EVENTS", Subjects: streams.DocumentSubjects(), MaxMsgs: -1, MaxBytes: -1, MaxMsgSize: -1, MaxConsumers: -1,
		Duplicates: 2 * time.Minute, Replicas: 1,
	}
	for _, f := range differ {
		f(&cfg)
	}
	return cfg
}

func fieldsOf(i streams.Item) []string {
	var out []string
	for _, c := range i.Changes {
		out = append(out, c.Field)
	}
	return out
}

// TestCompare looks at what comes of one stream of events; refusals that are the server's are looked at beside a server.
func TestCompare(t *testing.T) {
	document := streams.DocumentLimits()
	for _, c := range []struct {
		name   string
		layout streams.Layout
		state  streams.State
		action streams.Action
		fields string
		note   string // part of one
	}{
		{"nothing there", streams.Layout{}, cluster(1), streams.Create, "subjects retention storage num_replicas max_msgs max_bytes max_age " +
			"max_msg_size max_consumers discard duplicate_window", "for as long as the disk has room"},
		{"the same", streams.Layout{}, cluster(1, events()), streams.Same, "", ""},
		{"no limits asked for, others there", streams.Layout{},
			cluster(1, events(func(cfg *jetstream.StreamConfig) { cfg.MaxMsgs = 5 })), streams.Same, "", ""},
		{"none wished, some there", streams.Layout{Limits: &streams.Limits{}},
			cluster(1, events(func(cfg *jetstream.StreamConfig) { cfg.MaxMsgs, cfg.MaxAge = 5, time.Hour })), streams.Change,
			"max_msgs max_age", "for as long as the disk has room"},
		{"the document's", streams.Layout{Limits: &document}, cluster(1, events()), streams.Change,
			"max_msgs max_bytes max_age max_msg_size max_consumers", "the oldest events are dropped"},
		{"limits that refuse", streams.Layout{Limits: &streams.Limits{MaxMsgs: 9, Discard: jetstream.DiscardNew}}, cluster(1, events()),
			streams.Change, "max_msgs discard", "new events are refused"},
		{"age below the window", streams.Layout{Limits: &streams.Limits{MaxAge: time.Minute}}, cluster(1, events()), streams.Change,
			"max_age duplicate_window", ""},
		{"more subjects", streams.Layout{Subjects: []string{"a.>"}}, cluster(1, events()), streams.Change, "subjects", ""},
		{"replicas of a cluster are left", streams.Layout{}, cluster(3, events()), streams.Same, "", ""},
		{"replicas asked for", streams.Layout{Replicas: 3}, cluster(3, events()), streams.Change, "num_replicas", ""},
		{"memory", streams.Layout{}, cluster(1, events(func(cfg *jetstream.StreamConfig) { cfg.Storage = jetstream.MemoryStorage })),
			streams.Refuse, "storage", "a restart of the server is the end of its history"},
		{"interest", streams.Layout{}, cluster(1, events(func(cfg *jetstream.StreamConfig) { cfg.Retention = jetstream.InterestPolicy })),
			streams.Change, "retention", "What was acknowledged before is gone"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := streams.Compare(c.layout, c.state).Items[0]
			if got.Action != c.action || !slices.Equal(fieldsOf(got), strings.Fields(c.fields)) {
				t.Errorf("got %s of %q, want %s of %q", got.Action, fieldsOf(got), c.action, c.fields)
			}
			if !strings.Contains(strings.Join(got.Notes, " "), c.note) {
				t.Errorf("notes %q, want %q in them", got.Notes, c.note)
			}
		})
	}
}

func TestTrap03ReplicasFollowTheCluster(t *testing.T) {
	for servers, want := range map[int]int{1: 1, 2: 1, 3: 3, 5: 3} {
		l := streams.Layout{Domains: streams.DocumentDomains()}
		for _, i := range streams.Compare(l, cluster(servers)).Items {
			at := slices.IndexFunc(i.Changes, func(c streams.FieldChange) bool { return c.Field == "num_replicas" })
			if i.Action != streams.Create || i.Changes[at].New != want {
				t.Errorf("%d servers: %s with %v replicas, want %d", servers, i, i.Changes[at].New, want)
			}
		}
	}
}

// TestRefusedOfOurOwn are things that a server would do.
func TestRefusedOfOurOwn(t *testing.T) {
	graph := streams.DocumentDomains()[0]
	for _, c := range []struct {
		name   string
		layout streams.Layout
		item   int
		want   string
	}{
		{"copy that refuses events", streams.Layout{Domains: []streams.Domain{{
			Name: "D", Filters: graph.Filters, Limits: &streams.Limits{MaxMsgs: 5, Discard: jetstream.DiscardNew},
		}}}, 1, "a copy that refuses events when it is full stays behind its origin from then on"},
		{"filter of nothing", streams.Layout{Domains: []streams.Domain{{Name: "D", Filters: []string{"event.grahp.>"}}}}, 1,
			"the filter event.grahp.> selects nothing that CIM_EVENTS takes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := streams.Compare(c.layout, cluster(1)).Items[c.item]
			if got.Action != streams.Refuse || got.Refusals[0].Code != 0 || got.Refusals[0].Reason != c.want {
				t.Errorf("got %+v\nwant %q", got, c.want)
			}
		})
	}
}

// TestRoomOfAnAccount compares with accounts that have so much room, in bytes, and so much of it reserved.
func TestRoomOfAnAccount(t *testing.T) {
	const gib = 1 << 30
	document := streams.DocumentLimits() // 10 GiB
	large := events(func(cfg *jetstream.StreamConfig) { cfg.MaxBytes = 10 * gib })
	for _, c := range []struct {
		name           string
		room, reserved int64
		tiered         bool
		replicas       int
		held           []jetstream.StreamConfig
		want           bool // that it is refused
	}{
		{"no limit", -1, 90 * gib, false, 1, nil, false},
		{"just enough", 15 * gib, 5 * gib, false, 1, nil, false},
		{"too little", 15*gib - 1, 5 * gib, false, 1, nil, true},
		{"every replica counts", 29 * gib, 0, false, 3, nil, true},
		{"every replica fits", 30 * gib, 0, false, 3, nil, false},
		{"replicas of a tier are counted already", 10 * gib, 0, true, 3, nil, false},
		{"too little in a tier", 9 * gib, 0, true, 3, nil, true},
		{"what it has reserved is its own", 10 * gib, 10 * gib, false, 1, []jetstream.StreamConfig{large}, false},
		{"an account that shrank since", 5 * gib, 10 * gib, false, 1, []jetstream.StreamConfig{large}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := cluster(3, c.held...)
			tier := jetstream.Tier{ReservedStore: uint64(c.reserved), Limits: jetstream.AccountLimits{MaxStore: c.room, MaxMemory: -1}}
			s.Account = &jetstream.AccountInfo{Tier: tier}
			if c.tiered {
				s.Account = &jetstream.AccountInfo{Tiers: map[string]jetstream.Tier{"R1": {}, "R3": tier}}
			}
			i := streams.Compare(streams.Layout{Limits: &document, Replicas: c.replicas}, s).Items[0]
			if got := i.Action == streams.Refuse; got != c.want || got && i.Refusals[0].Code != 10047 {
				t.Errorf("got %s %+v, want it refused: %t", i.Action, i.Refusals, c.want)
			}
		})
	}
}

// TestCopiesThatAreThere compares a copy of graphs and agents with what has its name.
func TestCopiesThatAreThere(t *testing.T) {
	d := streams.Domain{Name: "D", Filters: []string{"event.graph.>", "event.agent.>"}}
	transforms := []jetstream.SubjectTransformConfig{
		{Source: "event.agent.>", Destination: "event.agent.>"}, {Source: "event.graph.>", Destination: "event.graph.>"},
	}
	for _, c := range []struct {
		name   string
		source jetstream.StreamSource
		last   uint64
		want   streams.Action
	}{
		{"the same in another order", jetstream.StreamSource{Name: "CIM_EVENTS", SubjectTransforms: transforms}, 9, streams.Same},
		{"other filters", jetstream.StreamSource{Name: "CIM_EVENTS", FilterSubject: "event.graph.>"}, 9, streams.Refuse},
		{"other filters, and nothing came yet", jetstream.StreamSource{Name: "CIM_EVENTS", FilterSubject: "event.graph.>"}, 0, streams.Change},
		{"everything", jetstream.StreamSource{Name: "CIM_EVENTS"}, 9, streams.Refuse},
		{"renamed on the way", jetstream.StreamSource{Name: "CIM_EVENTS", SubjectTransforms: []jetstream.SubjectTransformConfig{
			transforms[0], {Source: "event.graph.>", Destination: "g.>"},
		}}, 9, streams.Refuse},
		{"of another domain", jetstream.StreamSource{
			Name: "CIM_EVENTS", SubjectTransforms: transforms, External: &jetstream.ExternalStream{APIPrefix: "$JS.hub.API"},
		}, 9, streams.Refuse},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := cluster(1, events(), jetstream.StreamConfig{Name: "D", Replicas: 1, Sources: []*jetstream.StreamSource{&c.source}})
			s.Streams[1].State.LastSeq = c.last
			if i := streams.Compare(streams.Layout{Domains: []streams.Domain{d}}, s).Items[1]; i.Action != c.want {
				t.Errorf("got %s %+v, want %s", i.Action, i.Refusals, c.want)
			}
		})
	}
}

// TestNotesOfCopies holds that memory and work queues come with what they mean.
func TestNotesOfCopies(t *testing.T) {
	d := streams.Domain{
		Name: "D", Filters: []string{"event.graph.>"}, Retention: jetstream.WorkQueuePolicy, Storage: jetstream.MemoryStorage,
	}
	notes := strings.Join(streams.Compare(streams.Layout{Domains: []streams.Domain{d}}, cluster(1)).Items[1].Notes, " ")
	for _, want := range []string{"cannot be projected or replayed", "gone after a restart", "grows in memory", "publish to CIM_EVENTS"} {
		if !strings.Contains(notes, want) {
			t.Errorf("notes %q, want %q in them", notes, want)
		}
	}
}

func TestFilterOfTheProcessor(t *testing.T) {
	for name, c := range map[string]struct {
		layout streams.Layout
		want   []string
	}{
		"of the document":     {streams.Layout{Consumers: true}, []string{"event.>"}},
		"where more is taken": {streams.Layout{Consumers: true, Families: true}, nil},
	} {
		i := streams.Compare(c.layout, cluster(1)).Items[1]
		if diff := cmp.Diff(streams.FieldChange{Field: "filter_subjects", New: c.want}, i.Changes[0]); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
}

func TestValidate(t *testing.T) {
	graph := streams.DocumentDomains()[0]
	everything := streams.Layout{
		Stream: "a.b", Subjects: []string{"event.>", "query.graph.*", "x..y", "event.node_*", ">", "ok.>"}, Replicas: 6,
		Limits: &streams.Limits{MaxMsgs: -1, MaxAge: time.Millisecond, DuplicateWindow: time.Second, Discard: 7},
		Domains: []streams.Domain{
			graph, graph, {Name: "", Filters: []string{"a.>.b"}, Retention: jetstream.InterestPolicy}, {Name: "EMPTY"},
		},
	}
	err := everything.Validate()
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		`"a.b" is not the name`, "event.> takes in event.dlq.>", "takes in query.>", "empty token", "taken literally", "6 replicas",
		"none may be negative", "below 100ms", "longer than the greatest age", "discard policy 7", "two streams are to be named",
		`"" is not the name`, "goes on behind >", "cannot have retention", "EMPTY has no filter",
	} {
		if !strings.Contains(strings.ReplaceAll(err.Error(), `"event.>"`, "event.>"), want) {
			t.Errorf("%q is not in %q", want, err)
		}
	}
	document := streams.DocumentLimits()
	for _, l := range []streams.Layout{{}, {Families: true, Limits: &document, Domains: streams.DocumentDomains(), Consumers: true}} {
		if err := l.Validate(); err != nil {
			t.Errorf("%+v: %v", l, err)
		}
	}
}
