package natslog

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// Seek returns the first record at or after from. A server that answers from a copy of the stream can lag behind, so
// "nothing there" is asked of the leader again before it is believed.
func (l *Log) Seek(ctx context.Context, from eventlog.Seq) (eventlog.Record, error) {
	r, err := l.seek(ctx, max(from, 1))
	if err != nil {
		return r, fmt.Errorf("natslog: seek %s in stream %s: %w", from, l.cfg.Stream, err)
	}
	return r, nil
}

func (l *Log) seek(ctx context.Context, from eventlog.Seq) (eventlog.Record, error) {
	if !l.direct.Load() {
		return l.leaderGet(ctx, from)
	}
	r, err := l.directGet(ctx, from)
	switch {
	case errors.Is(err, nats.ErrNoResponders): // direct gets were switched off since
		return l.leaderGet(ctx, from)
	case !errors.Is(err, eventlog.ErrNotFound):
		return r, err
	}
	info, err := l.info(ctx)
	if err != nil {
		return r, err
	}
	if uint64(from) > info.State.LastSeq {
		return r, eventlog.ErrNotFound
	}
	return l.leaderGet(ctx, from)
}

// getRequest asks for the first message at or after a sequence.
func getRequest(from eventlog.Seq) []byte {
	return fmt.Appendf(nil, `{"seq":%d,"next_by_subj":">"}`, from)
}

// directGet asks any server that holds a copy.
func (l *Log) directGet(ctx context.Context, from eventlog.Seq) (eventlog.Record, error) {
	subject := l.api("DIRECT.GET." + l.cfg.Stream)
	var msg *nats.Msg
	err := l.request(ctx, subject, func(ctx context.Context) (err error) {
		msg, err = l.nc.RequestWithContext(ctx, subject, getRequest(from))
		return err
	})
	if err != nil {
		return eventlog.Record{}, err
	}
	return directRecord(msg)
}

// directRecord makes a record of the answer to a direct get. The server puts its own headers behind those of the message.
func directRecord(msg *nats.Msg) (eventlog.Record, error) {
	r := eventlog.Record{Header: eventlog.Header(msg.Header), Body: msg.Data}
	status := r.Header.Get("Status")
	subject, seq := takeLast(r.Header, "Nats-Subject"), takeLast(r.Header, "Nats-Sequence")
	stamp := takeLast(r.Header, "Nats-Time-Stamp")
	takeLast(r.Header, "Nats-Stream")
	switch {
	case seq == "" && status == "404":
		return r, eventlog.ErrNotFound
	case seq == "":
		return r, fmt.Errorf("direct get: %w", &statusError{code: status, text: r.Header.Get("Description")})
	}
	n, err := strconv.ParseUint(seq, 10, 64)
	if err != nil {
		return r, fmt.Errorf("direct get: the server's sequence: %w", err)
	}
	t, err := time.Parse(time.RFC3339Nano, stamp)
	if err != nil {
		return r, fmt.Errorf("direct get: the server's time: %w", err)
	}
	if len(r.Header) == 0 {
		r.Header = nil
	}
	r.Seq, r.Time, r.Subject = eventlog.Seq(n), eventlog.Moment(t), subject
	return r, nil
}

// takeLast removes the last value of a header and returns it.
func takeLast(h eventlog.Header, name string) string {
	values := h[name]
	if len(values) == 0 {
		return ""
	}
	last := values[len(values)-1]
	if len(values) == 1 {
		delete(h, name)
	} else {
		h[name] = values[:len(values)-1]
	}
	return last
}

// leaderAnswer is the answer to a get that goes to the stream's leader.
type leaderAnswer struct {
	Error   *apiError `json:"error"`
	Message *struct {
		Subject string    `json:"subject"`
		Seq     uint64    `json:"seq"`
		Header  []byte    `json:"hdrs"`
		Data    []byte    `json:"data"`
		Time    time.Time `json:"time"`
	} `json:"message"`
}

// leaderGet asks the stream's leader.
func (l *Log) leaderGet(ctx context.Context, from eventlog.Seq) (eventlog.Record, error) {
	subject := l.api("STREAM.MSG.GET." + l.cfg.Stream)
	var answer leaderAnswer
	err := l.request(ctx, subject, func(ctx context.Context) error {
		msg, err := l.nc.RequestWithContext(ctx, subject, getRequest(from))
		if err != nil {
			return err
		}
		if err := json.Unmarshal(msg.Data, &answer); err != nil {
			return fmt.Errorf("get a message: %w", err)
		}
		return answer.refusal()
	})
	if err != nil {
		return eventlog.Record{}, err
	}
	m := answer.Message
	r := eventlog.Record{Seq: eventlog.Seq(m.Seq), Time: eventlog.Moment(m.Time), Subject: m.Subject, Body: m.Data}
	if len(m.Header) > 0 {
		// Headers that cannot be parsed are dropped here as they are where messages are delivered.
		if h, err := nats.DecodeHeadersMsg(m.Header); err == nil && len(h) > 0 {
			r.Header = eventlog.Header(h)
		}
	}
	return r, nil
}

// refusal returns the answer's error, with the meanings that the log knows.
func (a *leaderAnswer) refusal() error {
	switch {
	case a.Error == nil && a.Message == nil:
		return errors.New("get a message: the answer holds neither message nor error")
	case a.Error == nil:
		return nil
	case a.Error.ErrorCode == int(jetstream.JSErrCodeMessageNotFound):
		return eventlog.ErrNotFound
	case a.Error.ErrorCode == int(jetstream.JSErrCodeStreamNotFound):
		return jetstream.ErrStreamNotFound
	}
	return a.Error
}
