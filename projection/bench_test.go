package projection_test

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
)

// wide is a projection that writes the row of about 240 bytes that an event's id names.
type wide struct {
	schema *projection.Schema
	rows   projection.Table[wideRow]
}

type wideRow struct {
	N       uint64
	Content string
}

var wideContent = strings.Repeat("c", 220)

func newWide() *wide {
	s := projection.NewSchema()
	return &wide{schema: s, rows: projection.Primary[wideRow](s, "rows")}
}

func (w *wide) Name() string               { return "wide" }
func (w *wide) Version() int               { return 1 }
func (w *wide) Subjects() []string         { return []string{">"} }
func (w *wide) Schema() *projection.Schema { return w.schema }

func (w *wide) Apply(tx *projection.Tx, e *projection.Event) error {
	key := projection.MakeKey(e.AggregateID)
	next := wideRow{N: 1, Content: wideContent}
	if before, ok := w.rows.Get(tx, key); ok {
		next.N += before.N
	}
	w.rows.Put(tx, key, &next)
	return nil
}

// wideRecord names row number n, in an order that looks random.
func wideRecord(seq eventlog.Seq, n uint64) eventlog.Record {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], n*0x9E3779B97F4A7C15)
	return eventlog.Record{
		Seq: seq, Time: eventlog.Time(seq), Subject: "event.wide.x",
		Body: fmt.Appendf(nil, `{"event_type":"set","aggregate_id":"%x","payload":{"some":"%s"}}`, b, wideContent),
	}
}

type bench struct {
	b     *testing.B
	store *projection.Store
	group *projection.Group
	fold  *projection.Fold
}

func newBench(b *testing.B, dir string) *bench {
	s, err := projection.Open(projection.Config{Dir: dir, Worker: "bench", Projections: []projection.Projection{newWide()}})
	if err != nil {
		b.Fatal(err)
	}
	g := s.Groups()[0]
	f, err := g.Fold()
	if err != nil {
		b.Fatal(err)
	}
	return &bench{b, s, g, f}
}

func (x *bench) apply(inputs []projection.Input) {
	for i := range inputs {
		if err := x.fold.Apply(&inputs[i]); err != nil {
			x.b.Fatal(err)
		}
	}
}

func (x *bench) commit() {
	batch, err := x.fold.Seal()
	if err != nil {
		x.b.Fatal(err)
	}
	if err := x.group.Commit(batch); err != nil {
		x.b.Fatal(err)
	}
	x.fold.Committed(batch)
}

func (x *bench) inputs(n int, row func(i int) uint64) []projection.Input {
	prepare := projection.NewPreparer(x.fold.Projections())
	out := make([]projection.Input, n)
	for i := range out {
		out[i] = prepare.Prepare(wideRecord(x.fold.Position()+eventlog.Seq(i)+1, row(i)), false)
	}
	return out
}

func (x *bench) close() {
	x.fold.Close()
	if err := x.store.Close(); err != nil {
		x.b.Fatal(err)
	}
}

// BenchmarkFoldApply applies 10,000 events to a hot set of 10,000 rows, without the commit.
func BenchmarkFoldApply(b *testing.B) {
	x := newBench(b, b.TempDir())
	defer x.close()
	const n = 10_000
	x.apply(x.inputs(n, func(i int) uint64 { return uint64(i) }))
	x.commit()
	rng := rand.New(rand.NewPCG(1, 2))
	events := 0
	for b.Loop() {
		b.StopTimer()
		in := x.inputs(n, func(int) uint64 { return rng.Uint64N(n) })
		b.StartTimer()
		x.apply(in)
		b.StopTimer()
		x.commit()
		b.StartTimer()
		events += n
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(events), "ns/event")
}

// BenchmarkCommitHotSet commits 10,000 events to a hot set of 10,000 rows.
func BenchmarkCommitHotSet(b *testing.B) {
	x := newBench(b, b.TempDir())
	defer x.close()
	const n = 10_000
	rng := rand.New(rand.NewPCG(1, 2))
	events := 0
	for b.Loop() {
		b.StopTimer()
		x.apply(x.inputs(n, func(int) uint64 { return rng.Uint64N(n) }))
		b.StartTimer()
		x.commit()
		events += n
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(events), "ns/event")
}

// BenchmarkCommitNewRows grows a table by 200,000 rows in random order; by 1,000,000 where PROJECTOR_BENCH_ROWS says so.
func BenchmarkCommitNewRows(b *testing.B) {
	rows := benchRows(200_000)
	for _, step := range []int{10_000, 100_000} {
		b.Run(strconv.Itoa(step), func(b *testing.B) {
			for b.Loop() {
				grow(b, b.TempDir(), rows, step)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*rows), "ns/row")
		})
	}
}

func benchRows(otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv("PROJECTOR_BENCH_ROWS")); err == nil {
		return n
	}
	return otherwise
}

// grow makes a store of so many rows. Only its commits are timed.
func grow(b *testing.B, dir string, rows, step int) {
	b.StopTimer()
	x := newBench(b, dir)
	for done := 0; done < rows; done += step {
		x.apply(x.inputs(step, func(i int) uint64 { return uint64(done + i) }))
		b.StartTimer()
		x.commit()
		b.StopTimer()
	}
	x.close()
	b.StartTimer()
}

// BenchmarkOpen opens a store of 200,000 rows, and a fold over it.
func BenchmarkOpen(b *testing.B) {
	dir := b.TempDir()
	grow(b, dir, benchRows(200_000), 100_000)
	b.ResetTimer()
	b.Run("store", func(b *testing.B) {
		for b.Loop() {
			s, err := projection.Open(projection.Config{Dir: dir, Worker: "bench", Projections: []projection.Projection{newWide()}})
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(s.Groups()[0].Bytes())/(1<<20), "MiB")
			if err := s.Close(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("fold", func(b *testing.B) {
		x := newBench(b, dir)
		defer x.close()
		for b.Loop() {
			f, err := x.group.Fold()
			if err != nil {
				b.Fatal(err)
			}
			f.Close()
		}
	})
	b.Run("digest", func(b *testing.B) {
		x := newBench(b, dir)
		defer x.close()
		for b.Loop() {
			v, err := x.store.View("wide")
			if err != nil {
				b.Fatal(err)
			}
			if _, err := v.Digest(); err != nil {
				b.Fatal(err)
			}
			v.Close()
		}
	})
}
