package engine_test

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/thecowboyai/cim-projector/engine"
	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/eventlog/embedded/embeddedtest"
	"github.com/thecowboyai/cim-projector/eventlog/natslog"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/projection/graphmodel"
)

// The shape of the state that snapshots are measured on: each graph has a row of its own, and as many nodes as edges, each edge
// two adjacency rows, so 101 rows.
const rowsPerGraph = 1 + 25 + 25 + 50

// envelope is an event of the document, of about 300 bytes.
func envelope(i int, kind, graph, payload string) (subject string, body []byte) {
	return "event.graph." + kind, fmt.Appendf(nil, `{"event_id":"e-%d","event_type":%q,"aggregate_id":%q,"aggregate_type":"Graph",`+
		`"sequence":%d,"timestamp":{"secs_since_epoch":1737626400,"nanos_since_epoch":5},"correlation_id":null,"causation_id":null,`+
		`"actor":"bench","payload":%s,"metadata":{}}`, i, kind, graph, i, payload)
}

// wide returns the i-th event that makes a state of many graphs: 51 for each.
func wide(i int) (string, []byte) {
	g, k := fmt.Sprintf("g-%d", i/51), i%51
	switch {
	case k == 0:
		return envelope(i, "graph_created", g, fmt.Sprintf(`{"graph_id":%q,"graph_type":"ConceptualGraph","name":"of many","owner":"bench"}`, g))
	case k <= 25:
		return envelope(i, "node_created", g, fmt.Sprintf(`{"graph_id":%q,"node_id":"n-%d","node_type":{"Concept":{"name":"c"}},`+
			`"position":{"x":%d.5,"y":2,"z":3},"components":[],"metadata":{"rank":%d}}`, g, k, k, i))
	}
	return envelope(i, "edge_created", g, fmt.Sprintf(`{"graph_id":%q,"edge_id":"x-%d","source_node":"n-%d","target_node":"n-%d",`+
		`"edge_type":{"Similarity":{"strength":0.5}},"weight":0.5,"properties":{"by":"bench"}}`, g, k, k-25, k%25+1))
}

// change returns the i-th change of a hundredth of the rows, all of them in a hundredth of the graphs; round makes it another one.
func change(graphs, round, i int) (string, []byte) {
	g, k := fmt.Sprintf("g-%d", (round*7919+i/25*100)%graphs), i%25+1
	return envelope(i, "node_updated", g, fmt.Sprintf(`{"graph_id":%q,"node_id":"n-%d","changes":{"metadata":{"rank":%d,"round":%d}}}`,
		g, k, i, round))
}

// bench is a worker over an embedded server, for benchmarks.
type bench struct {
	b       *testing.B
	url     string
	data    string
	worker  *engine.Worker
	stop    func()
	mu      sync.Mutex
	commits []time.Duration
	last    int
	js      jetstream.JetStream
}

func newBench(b *testing.B, edit func(*engine.Config)) *bench {
	w := &bench{b: b, url: embeddedtest.Start(b).URL(), data: b.TempDir()}
	w.js = embeddedtest.JetStream(b, w.url)
	w.last = int(publishWorkload(b, w.url, wide, 51))
	w.start(edit)
	return w
}

func (w *bench) start(edit func(*engine.Config)) {
	log, err := natslog.Open(w.b.Context(), natslog.Config{URL: w.url, Stream: streamName})
	if err != nil {
		w.b.Fatal(err)
	}
	config := engine.Config{Data: w.data, Log: log, Projections: []projection.Projection{graphmodel.New()}}
	config.Observer.Committed = func(c engine.Commit) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.commits = append(w.commits, c.Time)
	}
	if edit != nil {
		edit(&config)
	}
	if w.worker, err = engine.Open(config); err != nil {
		w.b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(w.b.Context())
	ended := make(chan error, 1)
	go func() { ended <- w.worker.Run(ctx) }()
	w.stop = sync.OnceFunc(func() {
		cancel()
		for _, err := range []error{<-ended, w.worker.Close(), log.Close()} {
			if err != nil {
				w.b.Error(err)
			}
		}
	})
	w.b.Cleanup(w.stop)
}

// publish stores events and waits until they are applied.
func (w *bench) publish(n int, next func(int) (string, []byte)) {
	w.b.Helper()
	for i := range n {
		subject, body := next(i)
		if _, err := w.js.PublishAsync(subject, body); err != nil {
			w.b.Fatal(err)
		}
		if i%2000 == 1999 {
			<-w.js.PublishAsyncComplete()
		}
	}
	<-w.js.PublishAsyncComplete()
	w.last += n
	if err := w.worker.WaitFor(w.b.Context(), "graph", eventlog.Seq(w.last)); err != nil {
		w.b.Fatal(err)
	}
}

func (w *bench) snapshot(name string) (cut, whole time.Duration, stored uint64) {
	w.b.Helper()
	begun := time.Now()
	if err := w.worker.Cut(w.b.Context(), engine.SnapshotWish{Name: name}); err != nil {
		w.b.Fatal(err)
	}
	cut = time.Since(begun)
	m, err := w.worker.Await(w.b.Context(), name)
	if err != nil {
		w.b.Fatal(err)
	}
	return cut, time.Since(begun), m.StoredBytes
}

// live publishes events one by one, each when the last one is committed, and returns how long commits took: the median and p99.
func (w *bench) live(n, graphs, round int) (p50, p99 time.Duration) {
	w.mu.Lock()
	w.commits = nil
	w.mu.Unlock()
	for i := range n {
		w.publish(1, func(int) (string, []byte) { return change(graphs, round, i) })
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	slices.Sort(w.commits)
	return w.commits[len(w.commits)/2], w.commits[len(w.commits)*99/100]
}

func dirBytes(b *testing.B, dir string) (n int64) {
	err := filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			n += info.Size()
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return n
}

// plainCopy copies the bolt files that hold the rows now, with a sync, as one takes a backup of bolt.
func plainCopy(b *testing.B, data string) (time.Duration, int64) {
	names, err := filepath.Glob(filepath.Join(data, "deltas", "*.db"))
	if err != nil {
		b.Fatal(err)
	}
	begun := time.Now()
	var size int64
	for _, name := range names {
		from, err := os.Open(name)
		if err != nil {
			b.Fatal(err)
		}
		to, err := os.Create(filepath.Join(b.TempDir(), filepath.Base(name)))
		if err != nil {
			b.Fatal(err)
		}
		n, err := io.Copy(to, from)
		if err == nil {
			err = to.Sync()
		}
		if err != nil {
			b.Fatal(err)
		}
		size += n
		from.Close()
		to.Close()
	}
	return time.Since(begun), size
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// BenchmarkSnapshots makes a state of 101 rows for each of 10,000 graphs (-events 510000), all of it in bolt, and reports what
// snapshots of it cost: the cut, the first one, a second one after a hundredth of the nodes changed in a hundredth of the graphs,
// a restore to the first answer, commits before and after a hundred snapshots, and the disk when they are removed again.
//
//	go test ./engine -run '^$' -bench Snapshots -benchtime 1x -events 510000 -timeout 30m
func BenchmarkSnapshots(b *testing.B) {
	graphs := *benchEvents / 51
	for b.Loop() {
		w := newBench(b, func(c *engine.Config) { c.DeltaBytes = 8 << 30 })
		w.publish(51*graphs-51, func(i int) (string, []byte) { return wide(i + 51) })
		b.ReportMetric(float64(graphs*rowsPerGraph), "rows")
		_, p99 := w.live(2000, graphs, 1)
		copied, copiedBytes := plainCopy(b, w.data)
		cut, first, stored := w.snapshot("first")
		b.ReportMetric(ms(cut), "cut_ms")
		b.ReportMetric(ms(first), "first_ms")
		b.ReportMetric(float64(stored)/1e6, "first_MB")
		b.ReportMetric(ms(copied), "copy_ms")
		b.ReportMetric(float64(copiedBytes)/1e6, "copy_MB")
		b.ReportMetric(first.Seconds()/copied.Seconds(), "first/copy")

		w.publish(25*graphs/100, func(i int) (string, []byte) { return change(graphs, 2, i) })
		_, second, changed := w.snapshot("second")
		b.ReportMetric(ms(second), "second_ms")
		b.ReportMetric(100*float64(changed)/float64(stored), "second_%")

		w.restore(graphs)
		w.hundred(graphs, p99)
		b.ReportMetric(0, "ns/op")
	}
}

// restore measures a restore to the first answer, and all of it read.
func (w *bench) restore(graphs int) {
	b := w.b
	begun := time.Now()
	if _, err := w.worker.Restore(b.Context(), engine.RestoreWish{Snapshot: "first"}, nil); err != nil {
		b.Fatal(err)
	}
	w.answer(graphs)
	b.ReportMetric(ms(time.Since(begun)), "restore_ms")
	begun = time.Now()
	if err := w.worker.ProveSnapshot(b.Context(), "first"); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(ms(time.Since(begun)), "prove_ms")
	if _, err := w.worker.Restore(b.Context(), engine.RestoreWish{Undo: true}, nil); err != nil {
		b.Fatal(err)
	}
	if err := w.worker.WaitFor(b.Context(), "graph", eventlog.Seq(w.last)); err != nil {
		b.Fatal(err)
	}
}

// answer asks for one node with its edges.
func (w *bench) answer(graphs int) {
	v, err := w.worker.View("graph")
	if err != nil {
		w.b.Fatal(err)
	}
	defer v.Close()
	w.ask(v, fmt.Sprintf(`{"graph_id":"g-%d","node_id":"n-7","include_edges":true}`, graphs/2))
}

func (w *bench) ask(v *projection.View, params string) {
	for _, q := range v.Projection().(projection.Querier).Queries() {
		if q.Subject != "graph.get_node" {
			continue
		}
		if _, err := q.Answer(w.b.Context(), v, projection.Request{Params: eventlog.Value(params), Limit: 50}); err != nil {
			w.b.Fatal(err)
		}
	}
}

// hundred makes a hundred snapshots with changes between them, and removes them again.
func (w *bench) hundred(graphs int, before time.Duration) {
	b := w.b
	var cuts []time.Duration
	var written uint64
	for i := range 100 {
		w.publish(100, func(k int) (string, []byte) { return change(graphs, 3+i, k) })
		cut, _, stored := w.snapshot(fmt.Sprintf("of-%d", i))
		cuts = append(cuts, cut)
		written += stored
	}
	b.ReportMetric(float64(written)/(100*100), "written_B/row") // for each changed row, in folds of a hundred of them in four graphs
	slices.Sort(cuts)
	b.ReportMetric(ms(cuts[50]), "cut_p50_ms")
	b.ReportMetric(ms(cuts[98]), "cut_p98_ms")
	_, p99 := w.live(2000, graphs, 1)
	b.ReportMetric(ms(before), "commit_p99_before_ms")
	b.ReportMetric(ms(p99), "commit_p99_after_ms")
	b.ReportMetric(p99.Seconds()/before.Seconds(), "commit_p99_ratio")
	full := dirBytes(b, filepath.Join(w.data, "chunks"))
	all, err := w.worker.Snapshots()
	if err != nil {
		b.Fatal(err)
	}
	var names []string
	for _, m := range all {
		if !strings.HasPrefix(m.Name, "first") {
			names = append(names, m.Name)
		}
	}
	if _, err := w.worker.RemoveSnapshots(names...); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(full)/1e6, "disk_102_MB")
	b.ReportMetric(float64(dirBytes(b, filepath.Join(w.data, "chunks")))/1e6, "disk_1_MB")
}

// workloadB returns the i-th event of workload B: 97 graphs, every second event makes a node or an edge, the rest update and move.
func workloadB(i int) (string, []byte) {
	g := fmt.Sprintf("g-%d", i/4%97)
	n := i / 4 / 97 // nodes that the graph has
	at := i * 7919 % (n + 1)
	switch i % 4 {
	case 0:
		return envelope(i, "node_created", g, fmt.Sprintf(`{"graph_id":%q,"node_id":"n-%d","node_type":{"Concept":{"name":"c"}},`+
			`"position":{"x":1.5,"y":2,"z":3},"components":[],"metadata":{"rank":%d}}`, g, n, i))
	case 1:
		return envelope(i, "node_updated", g, fmt.Sprintf(`{"graph_id":%q,"node_id":"n-%d","changes":{"metadata":{"rank":%d}}}`, g, at, i))
	case 2:
		return envelope(i, "edge_created", g, fmt.Sprintf(`{"graph_id":%q,"edge_id":"x-%d","source_node":"n-%d","target_node":"n-%d",`+
			`"edge_type":{"Similarity":{"strength":0.5}},"weight":0.5,"properties":{}}`, g, n, n, at))
	}
	return envelope(i, "node_moved", g, fmt.Sprintf(`{"graph_id":%q,"node_id":"n-%d","new_position":{"x":%d.5,"y":1,"z":1}}`, g, at, i))
}

// BenchmarkAsOf asks as of the middle of workload B, with a snapshot every tenth of it, and compares with a replay from the
// start to there, and with the live answer. The place is the one that takes the longest replay.
//
//	go test ./engine -run '^$' -bench AsOf -benchtime 1x -events 1000000 -timeout 30m
func BenchmarkAsOf(b *testing.B) {
	n := *benchEvents
	for b.Loop() {
		w := newBench(b, func(c *engine.Config) { c.Schedule.Events = uint64(n / 10) })
		w.publish(n, workloadB)
		middle := w.farFromSnapshots(n)
		var first, second, live, replay []float64
		for i := range eventlog.Seq(*benchRounds) {
			took, cost := w.asOf(middle - i)
			first = append(first, took)
			b.ReportMetric(float64(cost.Replayed), "replayed")
			took, _ = w.asOf(middle - i)
			second = append(second, took)
			live = append(live, w.liveAnswer())
			replay = append(replay, w.replay(middle-i))
		}
		b.ReportMetric(1000*median(first), "first_ms")
		b.ReportMetric(1000*median(replay), "replay_ms")
		b.ReportMetric(median(first)/median(replay), "first/replay")
		b.ReportMetric(1000*median(second), "second_ms")
		b.ReportMetric(1000*median(live), "live_ms")
		b.ReportMetric(median(second)/median(live), "second/live")
		b.ReportMetric(0, "ns/op")
	}
}

// farFromSnapshots returns the place in the middle that takes the longest replay: right before the next snapshot.
func (w *bench) farFromSnapshots(n int) eventlog.Seq {
	all, err := w.worker.Snapshots()
	if err != nil {
		w.b.Fatal(err)
	}
	for _, m := range all {
		if m.StreamSequence > uint64(n)/2 {
			return eventlog.Seq(m.StreamSequence) - 1
		}
	}
	w.b.Fatalf("none of %d snapshots is behind the middle", len(all))
	return 0
}

const askedB = `{"graph_id":"g-3","node_id":"n-50","include_edges":true}`

func (w *bench) asOf(at eventlog.Seq) (float64, engine.Cost) {
	begun := time.Now()
	v, err := w.worker.ViewAsOf(w.b.Context(), "graph", engine.AsOf{Sequence: at})
	if err != nil {
		w.b.Fatal(err)
	}
	defer v.Close()
	if v.At().Seq != at {
		w.b.Fatalf("as of %s is at %s", at, v.At().Seq)
	}
	w.ask(v.View, askedB)
	return time.Since(begun).Seconds(), v.Cost
}

func (w *bench) liveAnswer() float64 {
	begun := time.Now()
	v, err := w.worker.View("graph")
	if err != nil {
		w.b.Fatal(err)
	}
	defer v.Close()
	w.ask(v, askedB)
	return time.Since(begun).Seconds()
}

// replay projects from the first event to a place, in an empty directory.
func (w *bench) replay(at eventlog.Seq) float64 {
	log := benchLog(w.b, w.url)
	defer log.Close()
	begun := time.Now()
	other, err := engine.Open(engine.Config{Data: w.b.TempDir(), Log: log, Projections: []projection.Projection{graphmodel.New()}})
	if err != nil {
		w.b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(w.b.Context())
	ended := make(chan error, 1)
	go func() { ended <- other.Run(ctx) }()
	if err := other.WaitFor(ctx, "graph", at); err != nil {
		w.b.Fatal(err)
	}
	took := time.Since(begun).Seconds()
	cancel()
	for _, err := range []error{<-ended, other.Close()} {
		if err != nil {
			w.b.Fatal(err)
		}
	}
	return took
}
