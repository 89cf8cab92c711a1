package memlog_test

import (
	"errors"
	"testing"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/eventlog/eventlogtest"
	"github.com/thecowboyai/cim-projector/eventlog/memlog"
)

func TestLog(t *testing.T) {
	eventlogtest.TestLog(t, func(*testing.T) eventlogtest.Fixture {
		l := memlog.New(memlog.Config{})
		appendTo := func(t testing.TB, subject string, header eventlog.Header, body []byte) eventlog.Record {
			t.Helper()
			r, err := l.Append(t.Context(), subject, header, body)
			if err != nil {
				t.Errorf("Append: %v", err)
			}
			return r
		}
		remove := func(t testing.TB, seq eventlog.Seq) {
			t.Helper()
			if err := l.Delete(seq); err != nil {
				t.Errorf("Delete: %v", err)
			}
		}
		return eventlogtest.Fixture{
			Log:    l,
			Append: appendTo,
			Gap: func(t testing.TB, n int) {
				for range n {
					remove(t, appendTo(t, "gap", nil, nil).Seq)
				}
			},
			Delete:     remove,
			DropBefore: func(_ testing.TB, first eventlog.Seq) { l.DropBefore(first) },
			Interrupt:  func(testing.TB) { l.Interrupt(errors.New("interrupted on purpose")) },
			Recreate:   func(testing.TB) { l.Recreate(0) },
		}
	})
}
