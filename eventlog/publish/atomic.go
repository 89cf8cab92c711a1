package publish

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
)

// unsendable is an event of a batch that the client refuses.
type unsendable struct {
	index int
	err   error
}

// Error says why.
func (e *unsendable) Error() string { return e.err.Error() }

// wire is where atomic batches go out and answers come in.
type wire struct {
	cfg     Config
	inbox   string
	answers chan *nats.Msg
}

// attempts sends a batch until it is stored or cannot be.
func (s *session) attempts(ctx context.Context, w *wire, batch []Event) (ack, error) {
	repeatable := !slices.ContainsFunc(batch, func(e Event) bool { return e.id() == "" })
	for n := 1; ; n++ {
		id := rand.Text()
		msgs, err := s.messages(id, batch)
		if err != nil {
			return ack{}, err
		}
		stored, err := w.send(ctx, id, msgs)
		if err == nil || ctx.Err() != nil {
			return stored, err
		}
		again, absent := transient(err)
		if !again || n >= s.cfg.Attempts || !absent && !repeatable {
			return ack{}, err
		}
		select {
		case <-time.After(wait(n)):
		case <-ctx.Done():
			return ack{}, ctx.Err()
		}
		s.report.Retries++
	}
}

// messages makes the messages of a batch, all of which the client will take. Every attempt has its own id, because what
// the server holds of an earlier one cannot be continued.
func (s *session) messages(id string, batch []Event) ([]*nats.Msg, error) {
	limit := s.cfg.Conn.MaxPayload()
	msgs := make([]*nats.Msg, len(batch))
	for i := range batch {
		e := &batch[i]
		if err := check(e); err != nil {
			return nil, &unsendable{i, err}
		}
		h := e.header()
		h[batchIDHeader] = []string{id}
		h[batchSeqHeader] = []string{strconv.Itoa(i + 1)}
		if i == 0 && s.expect != nil {
			h[expectLastHeader] = []string{expected(*s.expect)}
		}
		if i == len(batch)-1 {
			h[commitHeader] = []string{"1"}
		}
		msgs[i] = &nats.Msg{Subject: e.Subject, Header: h, Data: e.Body}
		if size := int64(msgs[i].Size() - len(e.Subject)); limit > 0 && size > limit {
			return nil, &unsendable{i, fmt.Errorf("%d bytes with headers, of %d: %w", size, limit, nats.ErrMaxPayload)}
		}
	}
	return msgs, nil
}

// send makes one attempt: it begins the batch and waits until the server agrees, and then sends the others.
func (w *wire) send(ctx context.Context, id string, msgs []*nats.Msg) (ack, error) {
	begin, commit := w.inbox+id+"-begin", w.inbox+id+"-commit"
	msgs[0].Reply, msgs[len(msgs)-1].Reply = begin, commit
	if err := w.cfg.Conn.PublishMsg(msgs[0]); err != nil {
		return ack{}, err
	}
	if err := w.begun(ctx, begin); err != nil {
		return ack{}, err
	}
	for _, msg := range msgs[1:] {
		if ctx.Err() != nil {
			return ack{}, ctx.Err()
		}
		if err := w.cfg.Conn.PublishMsg(msg); err != nil {
			return ack{}, err
		}
	}
	answer, err := w.await(ctx, commit)
	if err != nil {
		return ack{}, err
	}
	stored, err := readAck(answer, w.cfg.Stream)
	if err == nil && (stored.Batch != id || stored.Count != len(msgs)) {
		err = fmt.Errorf("%w: it is for %d events of the batch %q, and not for %d of %q",
			errBadAck, stored.Count, stored.Batch, len(msgs), id)
	}
	return stored, err
}

// begun waits until the server has agreed to a batch, by an empty answer to its first event. An acknowledgement would
// mean that the event is stored, and that the headers mean nothing to the server.
func (w *wire) begun(ctx context.Context, reply string) error {
	answer, err := w.await(ctx, reply)
	switch {
	case errors.Is(err, ErrNoAck):
		return fmt.Errorf("%w: %w", errNotOpened, err)
	case err != nil:
		return err
	case len(answer.Data) == 0 && answer.Header.Get("Status") == "":
		return nil
	}
	if _, err := readAck(answer, ""); err != nil {
		return err
	}
	return ErrNotAtomic
}

// await waits for an answer. Those to earlier attempts are too late to mean anything.
func (w *wire) await(ctx context.Context, reply string) (*nats.Msg, error) {
	timer := time.NewTimer(w.cfg.AckTimeout)
	defer timer.Stop()
	for {
		select {
		case msg, open := <-w.answers:
			switch {
			case !open:
				return nil, nats.ErrConnectionClosed
			case msg.Subject == reply:
				return msg, nil
			}
		case <-timer.C:
			return nil, ErrNoAck
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
