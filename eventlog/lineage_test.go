package eventlog_test

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"testing"

	"pgregory.net/rapid"

	"github.com/thecowboyai/cim-projector/eventlog"
)

func TestHashRecordSeesEverythingListed(t *testing.T) {
	base := func() eventlog.Record {
		return eventlog.Record{
			Seq: 7, Time: 99, Subject: "event.graph.x", Body: []byte(`{"a":1}`),
			Header: eventlog.Header{"Nats-Msg-Id": {"id"}, "Cim-Event-Type": {"x", "y"}},
		}
	}
	first := base()
	seen := map[eventlog.Hash]string{eventlog.HashRecord(&first): "the record"}
	changes := map[string]func(*eventlog.Record){
		"sequence":           func(r *eventlog.Record) { r.Seq++ },
		"time":               func(r *eventlog.Record) { r.Time++ },
		"subject":            func(r *eventlog.Record) { r.Subject += "y" },
		"body":               func(r *eventlog.Record) { r.Body = []byte(`{"a":2}`) },
		"no body":            func(r *eventlog.Record) { r.Body = nil },
		"text moved to body": func(r *eventlog.Record) { r.Subject, r.Body = "event.graph.", []byte(`x{"a":1}`) },
		"no headers":         func(r *eventlog.Record) { r.Header = nil },
		"another value":      func(r *eventlog.Record) { r.Header["Nats-Msg-Id"] = []string{"ie"} },
		"a value fewer":      func(r *eventlog.Record) { r.Header["Cim-Event-Type"] = []string{"x"} },
		"values joined":      func(r *eventlog.Record) { r.Header["Cim-Event-Type"] = []string{"xy"} },
		"values swapped":     func(r *eventlog.Record) { r.Header["Cim-Event-Type"] = []string{"y", "x"} },
		"value under another": func(r *eventlog.Record) {
			r.Header["X-Message-ID"] = r.Header["Nats-Msg-Id"]
			delete(r.Header, "Nats-Msg-Id")
		},
		"an empty value added": func(r *eventlog.Record) { r.Header["X-Actor"] = []string{""} },
	}
	for name, change := range changes {
		r := base()
		change(&r)
		h := eventlog.HashRecord(&r)
		if other, ok := seen[h]; ok {
			t.Errorf("a change of %s has the hash of %s", name, other)
		}
		seen[h] = name
	}
	for name, change := range map[string]func(*eventlog.Record){
		"a header that is not listed": func(r *eventlog.Record) { r.Header["Nats-Stream-Source"] = []string{"x"} },
		"a listed name in lower case": func(r *eventlog.Record) { r.Header["x-actor"] = []string{"x"} },
	} {
		r := base()
		change(&r)
		if eventlog.HashRecord(&r) != eventlog.HashRecord(&first) {
			t.Errorf("%s changes the hash", name)
		}
	}
}

// TestHashRecordIsNotAmbiguous builds bodies that look like headers: the bytes that are hashed must tell them apart.
func TestHashRecordIsNotAmbiguous(t *testing.T) {
	names := []string{
		"Nats-Msg-Id", "Nats-Batch-Id", "Nats-Batch-Sequence", "Nats-Batch-Commit",
		"Cim-Event-Id", "Cim-Aggregate-Id", "Cim-Event-Type", "Cim-Graph-Type", "Cim-Correlation-Id", "Cim-Causation-Id",
		"X-Message-ID", "X-Correlation-ID", "X-Causation-ID", "X-Event-Type", "X-Workflow-ID", "X-Sequence", "X-Timestamp", "X-Actor",
		"Correlation-Id", "Causation-Id", "Aggregate-Id",
	}
	for i, name := range names {
		for length := 0; length+16 <= i; length++ {
			value := bytes.Repeat([]byte("v"), length)
			rest := i - 16 - length // of the body behind it
			with := eventlog.Record{Seq: 1, Header: eventlog.Header{name: {string(value)}}, Body: bytes.Repeat([]byte("b"), rest)}
			look := binary.BigEndian.AppendUint64(nil, uint64(length))
			look = append(look, value...)
			look = binary.BigEndian.AppendUint64(look, uint64(rest))
			look = append(look, with.Body...)
			without := eventlog.Record{Seq: 1, Body: look}
			if eventlog.HashRecord(&with) == eventlog.HashRecord(&without) {
				t.Errorf("a record with %s: %q has the hash of one without headers", name, value)
			}
		}
	}
}

func TestChain(t *testing.T) {
	var hashes []eventlog.Hash
	for i := range 4 {
		r := eventlog.Record{Seq: eventlog.Seq(i + 1)}
		hashes = append(hashes, eventlog.HashRecord(&r))
	}
	run := func(order ...int) eventlog.Chain {
		var c eventlog.Chain
		for _, i := range order {
			c = c.Append(eventlog.Seq(i+1), hashes[i])
		}
		return c
	}
	all := run(0, 1, 2, 3)
	if all.Start != 1 || all != run(0, 1, 2, 3) {
		t.Errorf("the chain begins at %s, or differs from itself", all.Start)
	}
	for _, order := range [][]int{{0, 1, 2}, {1, 2, 3}, {0, 2, 3}, {0, 2, 1, 3}, {3, 2, 1, 0}, {0, 0, 1, 2, 3}} {
		if run(order...).Hash == all.Hash {
			t.Errorf("the chain over %v is the one over all", order)
		}
	}
	if run(2, 3).Start != 3 {
		t.Errorf("a chain from the third record begins at %s", run(2, 3).Start)
	}
	if (eventlog.Chain{}).Hash != (eventlog.Hash{}) || !(eventlog.Hash{}).IsZero() || all.Hash.IsZero() || len(all.Hash.String()) != 64 {
		t.Error("hashes: the zero one is zero, and others print 64 digits")
	}
}

func mark(seq eventlog.Seq) eventlog.Mark { return eventlog.Mark{Seq: seq, Time: eventlog.Time(seq)} }

func TestRingIsDenseNearTheHead(t *testing.T) {
	var ring eventlog.Ring
	const last = 1 << 17
	for seq := eventlog.Seq(1); seq <= last; seq++ {
		ring.Push(mark(seq))
	}
	marks := ring.Marks()
	if len(marks) < 64 || len(marks) > 80 {
		t.Errorf("%d marks after %d records", len(marks), last)
	}
	if marks[0].Seq != last {
		t.Errorf("the newest mark is %s, want %d", marks[0].Seq, last)
	}
	for i := 1; i < len(marks); i++ {
		newer, older := uint64(marks[i-1].Seq), uint64(marks[i].Seq)
		if older >= newer {
			t.Fatalf("marks %d and %d do not fall", newer, older)
		}
		if gap, distance := newer-older, last-older; gap > distance {
			t.Errorf("between %d and %d lie %d records, %d from the head", older, newer, gap, distance)
		}
	}
}

// TestRing holds the ring against a plain list: its marks are the newest four of each level, whatever was pruned and
// cloned on the way.
func TestRing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var ring eventlog.Ring
		levels := make(map[int][]eventlog.Seq)
		seq := eventlog.Seq(0)
		for range rapid.IntRange(0, 200).Draw(t, "pushes") {
			seq += eventlog.Seq(rapid.IntRange(1, 5).Draw(t, "step"))
			copied := ring.Clone()
			ring.Push(mark(seq))
			level := bits.TrailingZeros64(uint64(seq))
			levels[level] = append(levels[level], seq)
			if n := len(levels[level]); n > 4 {
				levels[level] = levels[level][n-4:]
			}
			for _, m := range copied.Marks() {
				if m.Seq == seq {
					t.Fatalf("a clone got the mark %s", seq)
				}
			}
		}
		first := eventlog.Seq(rapid.Uint64Range(0, uint64(seq)+1).Draw(t, "first"))
		ring.Prune(first)
		want := make(map[eventlog.Seq]bool)
		for _, list := range levels {
			for _, s := range list {
				if s >= first {
					want[s] = true
				}
			}
		}
		marks := ring.Marks()
		if len(marks) != len(want) {
			t.Fatalf("%d marks, want %d", len(marks), len(want))
		}
		for _, m := range marks {
			if !want[m.Seq] || m.Time != eventlog.Time(m.Seq) {
				t.Fatalf("mark %+v was not expected", m)
			}
		}
	})
}
