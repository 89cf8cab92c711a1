package engine_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/thecowboyai/cim-projector/engine"
	"github.com/thecowboyai/cim-projector/eventlog/embedded/embeddedtest"
	"github.com/thecowboyai/cim-projector/projection"
)

func asType[E error](err error) E {
	var out E
	_ = errors.As(err, &out)
	return out
}

// serviceCase is a request and what has to come back: a code, or data that holds these members.
type serviceCase struct {
	name    string
	subject string
	params  string
	code    projection.QueryCode
	total   int
	next    int
}

var serviceCases = []serviceCase{
	{name: "one row", subject: "query.tally.count", params: `{"id":"a0"}`},
	{name: "in CIM's envelope", subject: "query.tally.count",
		params: `{"query_id":"q","query_type":"count","actor":"u","timestamp":{"secs_since_epoch":1,"nanos_since_epoch":0},"parameters":{"id":"a0"}}`},
	{name: "nothing there", subject: "query.tally.count", params: `{"id":"nobody"}`, code: projection.NotFound},
	{name: "not JSON", subject: "query.tally.count", params: `{"id"`, code: projection.BadRequest},
	{name: "not an object", subject: "query.tally.count", params: `[]`, code: projection.BadRequest},
	{name: "wrong type", subject: "query.tally.count", params: `{"id":7}`, code: projection.BadRequest},
	{name: "first page", subject: "query.tally.list", params: `{"pagination":{"offset":0,"limit":10}}`, total: 60, next: 10},
	{name: "last page", subject: "query.tally.list", params: `{"pagination":{"offset":50,"limit":10}}`, total: 60},
	{name: "limit 0", subject: "query.tally.list", params: `{"pagination":{"limit":0}}`, code: projection.BadRequest},
	{name: "limit too high", subject: "query.tally.list", params: `{"pagination":{"limit":1000000}}`, code: projection.BadRequest},
	{name: "position held", subject: "query.tally.list", params: `{"min_sequence":500}`, total: 60, next: 50},
	{name: "position that does not come", subject: "query.tally.list", params: `{"min_sequence":10000,"timeout_ms":50}`, code: projection.Timeout},
	{name: "another stream's position", subject: "query.tally.list", params: `{"min_sequence":1,"stream_created":"2020-01-01T00:00:00Z"}`,
		code: projection.Refused},
	{name: "status", subject: "query.projection.status"},
	{name: "verify", subject: "query.projection.verify"},
	{name: "dead letters", subject: "query.projection.deadletters", params: `{"projection":"tally","pagination":{"limit":5}}`, total: 62, next: 5},
	{name: "anomalies", subject: "query.projection.anomalies", params: `{"pagination":{"limit":5}}`, total: 62, next: 5},
	{name: "unknown projection", subject: "cmd.projection.pause", params: `{"projections":["nope"]}`, code: projection.NotFound},
}

func checkAnswer(t *testing.T, reply engine.Reply, err error, want serviceCase) {
	t.Helper()
	if want.code != "" {
		if q := asType[*projection.QueryError](err); q == nil || q.Code != want.code || q.Message == "" {
			t.Errorf("got %v, want the code %s", err, want.code)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Data       json.RawMessage
		Pagination *struct {
			Total int
			Next  *int
		}
	}
	if err := json.Unmarshal(reply.Raw, &doc); err != nil {
		t.Fatal(err)
	}
	if len(doc.Data) == 0 || want.total > 0 && (doc.Pagination == nil || doc.Pagination.Total != want.total) {
		t.Errorf("answer %.300s", reply.Raw)
	}
	if want.next > 0 && (doc.Pagination.Next == nil || *doc.Pagination.Next != want.next) {
		t.Errorf("next page of %+v, want %d", doc.Pagination, want.next)
	}
}

func TestNobodyAnswers(t *testing.T) {
	nc := embeddedConn(t)
	_, err := engine.NewClient(nc, "nobody").Ask(context.Background(), "query.projection.status", nil)
	if !errors.Is(err, engine.ErrNoWorker) {
		t.Errorf("got %v", err)
	}
}

func embeddedConn(t *testing.T) *nats.Conn {
	t.Helper()
	return embeddedtest.Connect(t, embeddedtest.Start(t).URL())
}
