package natslog

import (
	"errors"
	"testing"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/eventlog/embedded/embeddedtest"
)

// TestTrap05ServerThatBeginsElsewhere gives a cursor a consumer that begins behind the sequence which was asked for, as some
// servers make one in silence.
func TestTrap05ServerThatBeginsElsewhere(t *testing.T) {
	url := embeddedtest.Start(t).URL()
	js, err := jetstream.New(embeddedtest.Connect(t, url))
	if err != nil {
		t.Fatal(err)
	}
	stream, err := js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "S", Subjects: []string{"s"}, AllowDirect: true})
	if err != nil {
		t.Fatal(err)
	}
	for range 9 {
		if _, err := js.Publish(t.Context(), "s", nil); err != nil {
			t.Fatal(err)
		}
	}
	l, err := Open(t.Context(), Config{URL: url, Stream: "S"})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := readFrom(t, l, 2, 5); !errors.Is(err, eventlog.ErrCursorLost) || !errors.Is(err, errSkipped) {
		t.Errorf("Next: %v, want ErrCursorLost because 2 to 4 were skipped", err)
	}
	for seq := uint64(2); seq < 5; seq++ {
		if err := stream.DeleteMsg(t.Context(), seq); err != nil {
			t.Fatal(err)
		}
	}
	if err := readFrom(t, l, 2, 5); err != nil {
		t.Errorf("Next: %v, though nothing is held from 2 to 4", err)
	}
}

// readFrom takes the first batch of a cursor that was asked for one sequence and whose consumer begins at another.
func readFrom(t *testing.T, l *Log, asked, begins eventlog.Seq) error {
	t.Helper()
	c := &cursor{log: l, from: asked, through: asked - 1, known: 9, reconnects: l.nc.Stats().Reconnects}
	c.status = l.nc.StatusChanged()
	if err := c.subscribe(l.consumerName()); err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	pending, err := l.createConsumer(t.Context(), c.in.consumer, begins)
	if err != nil {
		t.Fatal(err)
	}
	c.in.start(pending)
	b, err := c.Next(t.Context())
	if err == nil && b.Records[0].Seq != begins {
		t.Errorf("the first record is %s, want %s", b.Records[0].Seq, begins)
	}
	return err
}

func TestTrap29NothingComesTwice(t *testing.T) {
	c := &cursor{from: 1, through: 5, began: true}
	for _, first := range []eventlog.Seq{1, 5} {
		if err := c.checkBegin(t.Context(), first); !errors.Is(err, errGap) {
			t.Errorf("record %s behind Through 5: %v, want errGap", first, err)
		}
	}
	if err := c.checkBegin(t.Context(), 6); err != nil {
		t.Errorf("record 6 behind Through 5: %v", err)
	}
}
