package natslog

import (
	"errors"
	"fmt"
	"testing"

	"github.com/nats-io/nats.go"
)

func message(number, seq, pending int) *nats.Msg {
	return &nats.Msg{Subject: "s", Reply: fmt.Sprintf("$JS.ACK.S.c.1.%d.%d.1000.%d", seq, number, pending), Data: []byte("x")}
}

func status(code string, pairs ...string) *nats.Msg {
	h := nats.Header{"Status": {code}}
	for i := 0; i < len(pairs); i += 2 {
		h.Set(pairs[i], pairs[i+1])
	}
	return &nats.Msg{Subject: "inbox", Header: h}
}

// TestIntakeAccepts and refuses: what follows two good deliveries.
func TestIntake(t *testing.T) {
	foreign := message(3, 3, 0)
	foreign.Reply = "$JS.ACK.S.other.1.3.3.1000.0"
	tests := []struct {
		name string
		msg  *nats.Msg
		want error // nil = the intake goes on; errAny = any
	}{
		{"the next delivery", message(3, 3, 0), nil},
		{"a hole in the stream", message(3, 9, 0), nil},
		{"a missed delivery", message(4, 4, 0), errGap},
		{"a repeated delivery", message(2, 2, 0), errGap},
		{"a sequence that does not rise", message(3, 2, 0), errGap},
		{"another consumer's delivery", foreign, errForeign},
		{"a reply subject of no delivery", &nats.Msg{Subject: "s", Reply: "_INBOX.x"}, errForeign},
		{"a heartbeat", status("100", "Nats-Last-Consumer", "2", "Nats-Last-Stream", "2"), nil},
		{"a heartbeat without numbers", status("100"), nil},
		{"a heartbeat that knows of more", status("100", "Nats-Last-Consumer", "3", "Nats-Last-Stream", "3"), errGap},
		{"an expired request", status("408", "Nats-Pending-Messages", "10", "Nats-Pending-Bytes", "100"), nil},
		{"a request out of bytes", status("409", "Nats-Pending-Messages", "10", "Nats-Pending-Bytes", "5"), nil},
		{"a deleted consumer", status("409"), errAny},
		{"no responders", status("503"), errAny},
		{"a bad request", status("400"), errAny},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			in := &intake{
				stream: "S", consumer: "c", wake: make(chan struct{}, 1),
				window: window{batch: 100, bytes: 1000, left: noLimit}, send: func(pull) error { return nil },
			}
			in.start(5)
			in.handle(message(1, 1, 4))
			in.handle(message(2, 2, 3))
			in.handle(test.msg)
			err := in.take().err
			switch {
			case test.want == errAny && err == nil:
				t.Error("the intake goes on, want an error")
			case test.want != errAny && !errors.Is(err, test.want):
				t.Errorf("error %v, want %v", err, test.want)
			}
			if err != nil {
				in.handle(message(3, 3, 0))
				if got := in.take(); len(got.records) != 0 || got.err == nil {
					t.Errorf("after its error the intake delivers %d records, error %v", len(got.records), got.err)
				}
			}
		})
	}
}

var errAny = errors.New("any")

func TestIntakeFailsWhenItCannotAsk(t *testing.T) {
	broken := errors.New("broken")
	in := &intake{
		wake: make(chan struct{}, 1), window: window{batch: 1, bytes: 100, left: noLimit},
		send: func(pull) error { return broken },
	}
	in.start(1)
	if err := in.take().err; !errors.Is(err, broken) {
		t.Errorf("error %v, want the one of the request", err)
	}
}
