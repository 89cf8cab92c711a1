package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nuid"
)

// Claim is who serves a worker's name on one NATS.
type Claim struct {
	ID      string    `json:"id"` // of the process's service
	PID     int       `json:"pid"`
	Host    string    `json:"host"`
	Started time.Time `json:"started_at"`
	Serving bool      `json:"serving"` // false while it still asks whether the name is free
}

// NameTakenError is a name that another process serves.
type NameTakenError struct {
	Name  string
	Claim Claim
}

// Error says who serves it.
func (e *NameTakenError) Error() string {
	return fmt.Sprintf("engine: worker %q is already served by process %d on %s since %s; stop it, or run this one under another --name",
		e.Name, e.Claim.PID, e.Claim.Host, e.Claim.Started.Format(time.RFC3339))
}

// claimWait is how long other holders of a name have to answer.
const claimWait = 250 * time.Millisecond

// nameClaim answers whoever asks for a name that this process has it.
type nameClaim struct {
	sub     *nats.Subscription
	serving chan struct{} // closed once the name is ours
}

func claimSubject(name string) string { return "projector." + name + ".claim" }

// takeName takes a name on a NATS: it first answers for it, and then asks whether anybody else does. Of two that begin at the
// same moment, the one with the lower id stays.
func takeName(ctx context.Context, nc *nats.Conn, name string) (*nameClaim, error) {
	host, _ := os.Hostname() // for people only
	mine := Claim{ID: nuid.Next(), PID: os.Getpid(), Host: host, Started: time.Now().UTC().Truncate(time.Second)}
	c := &nameClaim{serving: make(chan struct{})}
	var err error
	c.sub, err = nc.Subscribe(claimSubject(name), func(m *nats.Msg) { c.answer(m, mine) })
	if err != nil {
		return nil, fmt.Errorf("engine: claim the name %q: %w", name, err)
	}
	other, err := askClaims(ctx, nc, name, mine)
	if err == nil && other != nil {
		err = &NameTakenError{Name: name, Claim: *other}
	}
	if err != nil {
		_ = c.sub.Unsubscribe() // the connection is closed next
		return nil, err
	}
	close(c.serving)
	return c, nil
}

func (c *nameClaim) answer(m *nats.Msg, mine Claim) {
	select {
	case <-c.serving:
		mine.Serving = true
	default:
	}
	if raw, err := json.Marshal(mine); err == nil {
		_ = m.Respond(raw) // an asker that is gone needs no answer
	}
}

// askClaims returns the claim of another process that goes before mine, or nil.
func askClaims(ctx context.Context, nc *nats.Conn, name string, mine Claim) (*Claim, error) {
	inbox := nc.NewRespInbox()
	sub, err := nc.SubscribeSync(inbox)
	if err != nil {
		return nil, fmt.Errorf("engine: ask who serves %q: %w", name, err)
	}
	defer sub.Unsubscribe() //nolint:errcheck // nothing is lost
	if err := nc.PublishRequest(claimSubject(name), inbox, nil); err != nil {
		return nil, fmt.Errorf("engine: ask who serves %q: %w", name, err)
	}
	ctx, cancel := context.WithTimeout(ctx, claimWait)
	defer cancel()
	for {
		m, err := sub.NextMsgWithContext(ctx)
		if err != nil {
			return nil, nil //nolint:nilerr // nobody else answered
		}
		var other Claim
		if json.Unmarshal(m.Data, &other) == nil && other.ID != mine.ID && (other.Serving || other.ID < mine.ID) {
			return &other, nil
		}
	}
}

func (c *nameClaim) release() error { return c.sub.Unsubscribe() }
