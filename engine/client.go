package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/thecowboyai/cim-projector/projection"
)

// ErrNoWorker says that nobody answers for a worker's name.
var ErrNoWorker = errors.New("engine: no such worker is running")

// Client asks one worker, which may be anywhere on the same NATS. It is safe for concurrent use.
type Client struct {
	conn   *nats.Conn
	worker string
}

// NewClient returns a client for the worker of this name. The connection stays the caller's.
func NewClient(conn *nats.Conn, worker string) *Client {
	return &Client{conn: conn, worker: worker}
}

// Reply is an answer: the whole JSON document, and its data.
type Reply struct {
	Raw  json.RawMessage // {"data","metadata","pagination"}
	Data json.RawMessage
}

// Ask sends a request to the worker and waits for the answer until ctx ends. Subject is as it is served: "query.graph.list",
// "cmd.projection.pause". It fails with a *projection.QueryError where the worker refuses, and with ErrNoWorker where none
// answers.
func (c *Client) Ask(ctx context.Context, subject string, params []byte) (Reply, error) {
	m := nats.NewMsg("projector." + c.worker + "." + subject)
	m.Data = params
	if deadline, ok := ctx.Deadline(); ok {
		left := min(time.Until(deadline)*9/10, longestTimeout) // the rest is for the way
		m.Header.Set(HeaderTimeout, fmt.Sprint(max(1, left.Milliseconds())))
	}
	answer, err := c.conn.RequestMsgWithContext(ctx, m)
	switch {
	case errors.Is(err, nats.ErrNoResponders):
		return Reply{}, fmt.Errorf("%w: nobody answers %s for worker %q", ErrNoWorker, subject, c.worker)
	case err != nil:
		return Reply{}, fmt.Errorf("ask worker %q for %s: %w", c.worker, subject, err)
	case answer.Header.Get("Nats-Service-Error-Code") != "":
		return Reply{}, readError(answer)
	}
	out := Reply{Raw: answer.Data}
	var doc struct {
		Data json.RawMessage `json:"data"`
	}
	if err := json.Unmarshal(answer.Data, &doc); err != nil {
		return Reply{}, fmt.Errorf("read the answer to %s: %w", subject, err)
	}
	out.Data = doc.Data
	return out, nil
}

func readError(m *nats.Msg) error {
	var doc struct {
		Error *projection.QueryError `json:"error"`
	}
	if err := json.Unmarshal(m.Data, &doc); err != nil || doc.Error == nil {
		return projection.Fail(projection.QueryCode(m.Header.Get("Nats-Service-Error-Code")), "%s", m.Header.Get("Nats-Service-Error"))
	}
	return doc.Error
}
