package agentmodel_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/projection/agentmodel"
	"github.com/thecowboyai/cim-projector/projection/projectiontest"
)

// fact is an event as the tests write it: a subject below "event.", which ends in the type, the envelope's aggregate,
// and the payload.
type fact struct{ subject, aggregate, payload string }

// lifeOfAgents is the history that most tests begin with.
var lifeOfAgents = []fact{
	{"agent.registered", "curator", `{"agent_id":"curator","agent_type":"KnowledgeCurator",
		"capabilities":["embed",{"Rank":{"depth":3}}],"communication_patterns":["RequestReply",{"PubSub":{"topic":"t"}}],
		"resource_requirements":{"memory_mb":512.50},
		"registration_timestamp":{"secs_since_epoch":1737626499,"nanos_since_epoch":5}}`},
	{"agent.registered", "deployed", `{"agent_id":{"id":"deployed"},"person_id":"person-1","name":"Deployed <one>",
		"description":"","deployed_at":"2025-01-23T10:00:00.123456789Z"}`},
	{"agent.capability_updated", "curator", `{"agent_id":"curator","added_capabilities":["cluster","a\"<b>",7],
		"removed_capabilities":["embed"],"performance_metrics":{"accuracy":0.8999999761581421},"update_reason":"Upgrade"}`},
	{"agent.model_configured", "deployed", `{"config":{"model":"m"},"configured_at":"2025-01-23T10:00:01Z"}`},
	{"agent.model_configuration_assigned", "deployed", `{"configuration_id":"mc-1","assigned_at":"2025-01-23T10:00:02Z"}`},
	{"agent.system_prompt_configured", "deployed", `{"system_prompt":"be kind","configured_at":"2025-01-23T10:00:03Z"}`},
	{"agent.agent_activated", "deployed", `{"activated_at":"2025-01-23T10:00:04Z"}`},
	{"agent.message_sent", "deployed", `{"message_id":"m-1","content":{"text":"hello"},"sent_at":"2025-01-23T10:00:05Z"}`},
	{"agent.response_chunk_received", "deployed", `{"message_id":"m-1",
		"chunk":{"chunk_index":0,"content":"h","is_final":false}}`},
	{"agent.response_completed", "deployed", `{"message_id":"m-1","total_chunks":1,"token_usage":{"prompt_tokens":1,
		"completion_tokens":2,"total_tokens":3},"completed_at":"2025-01-23T10:00:06Z"}`},
	{"agent.task_assigned", "curator", `{"agent_id":"curator","task_id":"task-1","task_type":"Categorize",
		"task_parameters":{"k":[1.0]},"priority":"High",
		"deadline":{"secs_since_epoch":1737630000,"nanos_since_epoch":0},"assigner":"user-1"}`},
	{"agent.task_assigned", "curator", `{"agent_id":"curator","task_id":"task-2","task_type":{"Custom":"x"},"priority":3}`},
	{"agent.task_completed", "curator", `{"agent_id":"curator","task_id":"task-2"}`},
	{"agent.task_assigned", "deployed", `{"task_id":"task-1"}`},
	{"agent.collaboration_initiated", "collab-1", `{"collaboration_id":"collab-1",
		"participating_agents":["deployed","curator","stranger"],"collaboration_type":"PeerReview",
		"shared_context":{"k":null},"coordination_pattern":"RoundRobin"}`},
	{"agent.collaboration_initiated", "collab-2", `{"participating_agents":["curator"]}`},
	{"agent.agent_suspended", "deployed", `{"reason":"Budget","suspended_at":"2025-01-23T10:00:07Z"}`},
	{"agent.registered", "gone", `{"agent_id":"gone","capabilities":["cluster"]}`},
	{"agent.deregistered", "gone", `{"agent_id":"gone","reason":"end of life"}`},
	{"agent.capability_updated", "placeholder", `{"agent_id":"placeholder","added_capabilities":["cluster"]}`},
	{"system.node_joined", "sysnode-1", `{"node_id":"sysnode-1","node_type":"Leaf","capabilities":["storage"],
		"resource_capacity":{"cpu":8},"network_address":"10.0.0.5:4222"}`},
	{"system.node_joined", "sysnode-2", `{"node_id":"sysnode-2"}`},
	{"system.performance_threshold_exceeded", "sysnode-1", `{"metric_name":"projection_lag_seconds","current_value":75.5,
		"threshold_value":60.0,"severity":"Warning","affected_components":["GraphSummary"],"recommended_actions":["scale out"]}`},
	{"system.performance_threshold_exceeded", "", `{"metric_name":"cpu","current_value":null,"threshold_value":0.1}`},
	{"agent.task_assigned", "curator", `{"agent_id":"curator","task_id":7}`},
	{"agent.agent_dreamed", "curator", `{"agent_id":"curator"}`},
}

// life is that history as it is stored.
func life() []eventlog.Record { return records(lifeOfAgents...) }

func records(facts ...fact) []eventlog.Record {
	out := make([]eventlog.Record, len(facts))
	for i, f := range facts {
		out[i] = event(i+1, f)
	}
	return out
}

// event makes a record with the document's envelope around a payload.
func event(seq int, f fact) eventlog.Record {
	_, kind, _ := strings.Cut(f.subject, ".")
	body := fmt.Sprintf(`{"event_id":"e-%d","event_type":%q,"aggregate_id":%s,"aggregate_type":"Agent","sequence":%d,`+
		`"timestamp":{"secs_since_epoch":%d,"nanos_since_epoch":250000000},"correlation_id":null,"causation_id":null,"actor":null,`+
		`"payload":%s,"metadata":{}}`, seq, kind, orNull(f.aggregate), seq, 1_737_626_400+seq, f.payload)
	return eventlog.Record{
		Seq: eventlog.Seq(seq), Time: eventlog.Time(1_750_000_000+int64(seq)) * 1e9,
		Subject: "event." + f.subject, Body: []byte(body),
	}
}

func orNull(text string) string {
	if text == "" {
		return "null"
	}
	return fmt.Sprintf("%q", text)
}

// models is a store with one projection of agents, and the fold that writes it.
type models struct {
	t     testing.TB
	store *projection.Store
	fold  *projection.Fold
	ready *projection.Preparer
}

// open opens a store, which is proved and closed when the test ends.
func open(t testing.TB, dir string) *models {
	t.Helper()
	return fold(t, projectiontest.Open(t, dir, agentmodel.New()))
}

// openWith opens a store of a projection that need not be whole in the end.
func openWith(t testing.TB, dir string, p projection.Projection) *models {
	t.Helper()
	store, err := projection.Open(projection.Config{Dir: dir, Worker: "test", Projections: []projection.Projection{p}})
	if err != nil {
		t.Fatal(err)
	}
	return fold(t, store)
}

func fold(t testing.TB, store *projection.Store) *models {
	t.Helper()
	f, err := store.GroupOf(agentmodel.Name).Fold()
	if err != nil {
		t.Fatal(err)
	}
	m := &models{t: t, store: store, fold: f, ready: projection.NewPreparer(f.Projections())}
	t.Cleanup(m.close)
	return m
}

// close ends the test's part early, as a restart would.
func (m *models) close() {
	m.fold.Close()
	if m.store.Closed() {
		return
	}
	m.check()
	if err := m.store.Close(); err != nil {
		m.t.Error(err)
	}
}

// apply folds records into the open batch.
func (m *models) apply(records ...eventlog.Record) {
	m.t.Helper()
	for _, r := range records {
		in := m.ready.Prepare(r, false)
		if err := m.fold.Apply(&in); err != nil {
			m.t.Fatal(err)
		}
	}
}

// commit stores the open batch.
func (m *models) commit() {
	m.t.Helper()
	b, err := m.fold.Seal()
	if err != nil {
		m.t.Fatal(err)
	}
	if b == nil {
		return
	}
	if err := m.store.GroupOf(agentmodel.Name).Commit(b); err != nil {
		m.t.Fatal(err)
	}
	m.fold.Committed(b)
}

// view reads what is committed.
func (m *models) view(read func(v *projection.View)) {
	m.t.Helper()
	v, err := m.store.View(agentmodel.Name)
	if err != nil {
		m.t.Fatal(err)
	}
	defer v.Close()
	read(v)
	if err := v.Err(); err != nil {
		m.t.Error(err)
	}
}

// check proves what is committed.
func (m *models) check() {
	m.t.Helper()
	m.view(func(v *projection.View) {
		if problems := v.Check(); len(problems) > 0 {
			m.t.Errorf("Check found:\n%s", strings.Join(problems, "\n"))
		}
	})
}

// answered is what came of a question, as JSON.
type answered struct {
	Data  any                    `json:"data,omitempty"`
	Total *int                   `json:"total,omitempty"`
	Error *projection.QueryError `json:"error,omitempty"`
}

// ask answers one question from what is committed.
func (m *models) ask(subject string, r projection.Request) (out answered) {
	m.t.Helper()
	if r.Limit == 0 {
		r.Limit = projection.DefaultLimit
	}
	m.view(func(v *projection.View) {
		a, err := query(m.t, v, subject).Answer(m.t.Context(), v, r)
		switch {
		case err == nil && a.List:
			out = answered{Data: a.Data, Total: &a.Total}
		case err == nil:
			out = answered{Data: a.Data}
		case !errors.As(err, &out.Error):
			m.t.Fatalf("%s: %v", subject, err)
		}
	})
	return out
}

func query(t testing.TB, v *projection.View, subject string) projection.Query {
	t.Helper()
	for _, q := range v.Projection().(projection.Querier).Queries() {
		if q.Subject == subject {
			return q
		}
	}
	t.Fatalf("no query %s", subject)
	return projection.Query{}
}

func text(t testing.TB, v any) string {
	t.Helper()
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
