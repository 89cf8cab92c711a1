package eventlogtest

import (
	"errors"
	"io"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// reader reads a cursor and holds every batch against the contract of eventlog.Cursor.
type reader struct {
	bench   *bench
	cursor  eventlog.Cursor
	through eventlog.Seq
	pending uint64 // of the last batch
	got     []eventlog.Record
}

// next takes one batch. It returns io.EOF at the end and fails the case on every other error.
func (r *reader) next() error {
	b := r.bench
	b.Helper()
	batch, err := r.cursor.Next(b.ctx)
	if errors.Is(err, io.EOF) {
		return err
	}
	if err != nil {
		b.Fatalf("Next after %s: %v", r.through, err)
	}
	r.check(batch)
	return nil
}

func (r *reader) check(batch eventlog.Batch) {
	b, last := r.bench, r.through
	b.Helper()
	for _, rec := range batch.Records {
		if rec.Seq <= last {
			b.Fatalf("Next delivered %s behind %s: sequences must rise, and lie above the previous batch's Through %s",
				rec.Seq, last, r.through)
		}
		last = rec.Seq
	}
	if batch.Through < last {
		b.Fatalf("Next says Through %s, but delivered %s", batch.Through, last)
	}
	if batch.Through <= r.through {
		b.Fatalf("Next returned Through %s after %s, and %d records: it must return only when something is new",
			batch.Through, r.through, len(batch.Records))
	}
	r.through, r.pending = batch.Through, batch.Pending
	r.got = append(r.got, batch.Records...)
}

// until reads until Through has reached seq, and returns everything read so far.
func (r *reader) until(seq eventlog.Seq) []eventlog.Record {
	r.bench.Helper()
	for r.through < seq {
		if err := r.next(); err != nil {
			r.bench.Fatalf("the cursor ended at %s, want it to reach %s", r.through, seq)
		}
	}
	return r.got
}

// toEnd reads a bounded cursor to its end, which must be at Through bound and stay the end.
func (r *reader) toEnd(bound eventlog.Seq) []eventlog.Record {
	r.bench.Helper()
	for r.next() == nil {
	}
	if r.through != bound {
		r.bench.Fatalf("the bounded cursor ended at Through %s, want %s", r.through, bound)
	}
	if err := r.next(); !errors.Is(err, io.EOF) {
		r.bench.Fatalf("Next after io.EOF: a batch, want io.EOF again")
	}
	return r.got
}
