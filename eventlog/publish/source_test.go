package publish_test

import (
	"errors"
	"testing"

	"go.uber.org/goleak"

	"github.com/thecowboyai/cim-projector/eventlog/embedded/embeddedtest"
	"github.com/thecowboyai/cim-projector/eventlog/filelog"
	"github.com/thecowboyai/cim-projector/eventlog/publish"
)

// TestPublishSeqEndsWithItsError publishes an iterator that fails: what it gave before is stored, its numbers count, and it
// is not asked again.
func TestPublishSeqEndsWithItsError(t *testing.T) {
	errFailed := errors.New("failed")
	for _, size := range []int{0, 2, 10} {
		s := connectAtomic(t, embeddedtest.Start(t).URL())
		before := goleak.IgnoreCurrent()
		ended := false
		report, err := s.publisher(t, inBatches(size)).PublishSeq(t.Context(), func(yield func(publish.Event, error) bool) {
			defer func() { ended = true }()
			for i := range 5 {
				if !yield(publish.Event{Subject: "event.x", ID: string(rune('a' + i))}, nil) {
					return
				}
			}
			if yield(publish.Event{}, errFailed) {
				t.Error("it is asked for more after its error")
			}
		})
		failed, ok := errors.AsType[*publish.InputError](err)
		if !ok || !errors.Is(err, errFailed) || failed.Stored != 5 || report.Stored != 5 || report.Accepted != 5 {
			t.Errorf("PublishSeq: %+v, %v, want five events and the error", report, err)
		}
		if !ended {
			t.Error("the iterator has not ended")
		}
		goleak.VerifyNone(t, before)
	}
}

// TestEventsKeepTheirLines publishes events of which some say their line.
func TestEventsKeepTheirLines(t *testing.T) {
	source := publish.Events(publish.Event{}, publish.Event{Line: 7}, publish.Event{Line: 9})
	for _, want := range []int{1, 7, 9} {
		if e, err := source.Next(t.Context()); err != nil || e.Line != want {
			t.Errorf("Next: line %d, %v, want %d", e.Line, err, want)
		}
	}
}

func TestFromEnvelope(t *testing.T) {
	e, err := publish.FromEnvelope([]byte(`{"event_type":"NodeCreated","aggregate_type":"Graph","event_id":"e","aggregate_id":"g",` +
		`"payload":{}}`))
	if err != nil || e.Subject != "event.graph.node_created" || e.ID != "e" || e.Aggregate != "g" || e.Line != 0 {
		t.Errorf("FromEnvelope: %+v, %v", e, err)
	}
	for _, bad := range []string{
		``, `{`, `1`, `{"event_type":"x","payload":1}`, `{"event_type":"a b","aggregate_type":"G","payload":1}`,
	} {
		if e, err := publish.FromEnvelope([]byte(bad)); err == nil {
			t.Errorf("FromEnvelope(%s) = %+v, want an error", bad, e)
		} else if _, ok := errors.AsType[*filelog.LineError](err); ok {
			t.Errorf("FromEnvelope(%s): %v names a line that there is not", bad, err)
		}
	}
}
