package filelog_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/eventlog/eventlogtest"
	"github.com/thecowboyai/cim-projector/eventlog/filelog"
)

var identity = eventlog.Stream{Name: "EVENTS", Created: 1_700_000_000_123_456_789}

// create makes a log in a file of the test's own.
func create(t *testing.T) (*filelog.Log, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "events.jsonl")
	return open(t, filelog.Config{Path: path, Write: true, Create: identity}), path
}

func open(t *testing.T, cfg filelog.Config) *filelog.Log {
	t.Helper()
	l, err := filelog.Open(t.Context(), cfg)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// write makes a file of the lines.
func write(t *testing.T, lines ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "recorded.v1.jsonl")
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLog(t *testing.T) {
	eventlogtest.TestLog(t, func(t *testing.T) eventlogtest.Fixture {
		l, _ := create(t)
		return eventlogtest.Fixture{
			Log: l,
			Append: func(t testing.TB, subject string, header eventlog.Header, body []byte) eventlog.Record {
				t.Helper()
				r, err := l.Append(t.Context(), subject, header, body)
				if err != nil {
					t.Errorf("Append: %v", err)
				}
				return r
			},
			Gap: func(t testing.TB, n int) {
				t.Helper()
				b, err := l.Bounds(t.Context())
				if err == nil {
					err = l.Mark(t.Context(), b.Last+eventlog.Seq(n))
				}
				if err != nil {
					t.Errorf("Mark: %v", err)
				}
			},
		}
	})
}

// read returns everything that a log holds, its bounds too.
func read(t *testing.T, l *filelog.Log) ([]eventlog.Record, eventlog.Bounds) {
	t.Helper()
	b, err := l.Bounds(t.Context())
	if err != nil {
		t.Fatalf("Bounds: %v", err)
	}
	c, err := l.Read(t.Context(), b.First, b.Last+1)
	if err != nil {
		t.Fatalf("Read: %v", err)
	}
	var out []eventlog.Record
	for {
		batch, err := c.Next(t.Context())
		if errors.Is(err, io.EOF) {
			return out, b
		}
		if err != nil {
			t.Fatalf("Next: %v", err)
		}
		out = append(out, batch.Records...)
	}
}

// TestReopen closes a file and opens it again: bounds and messages must be the same, and more can be appended.
func TestReopen(t *testing.T) {
	l, path := create(t)
	for seq := eventlog.Seq(3); seq < 300; seq += 3 {
		r := eventlog.Record{Seq: seq, Time: identity.Created + eventlog.Time(seq), Subject: "a.b", Body: []byte("x\n")}
		if err := l.Store(t.Context(), r); err != nil {
			t.Fatalf("Store: %v", err)
		}
	}
	if err := errors.Join(l.Mark(t.Context(), 310), l.Sync()); err != nil {
		t.Fatal(err)
	}
	records, bounds := read(t, l)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	again := open(t, filelog.Config{Path: path, Write: true})
	got, gotBounds := read(t, again)
	eventlogtest.RequireEqual(t, got, records)
	if gotBounds != bounds || bounds.Stream != identity || bounds.First != 3 || bounds.Last != 310 {
		t.Errorf("bounds %+v after reopening, were %+v", gotBounds, bounds)
	}
	if r, err := again.Append(t.Context(), "a.b", nil, nil); err != nil || r.Seq != 311 {
		t.Errorf("Append after reopening: %s, %v, want 311", r.Seq, err)
	}
}

// TestRoundTrip stores any messages and reads them back, from the open file and from a new one.
func TestRoundTrip(t *testing.T) {
	bodies := rapid.OneOf(
		rapid.SliceOf(rapid.Byte()),
		rapid.Map(rapid.SampledFrom([]string{
			"null", "{}", " {}", "{}\t", `{"a":1,"a":2}`, "[1e400]", `"\ud800"`, "{\n}", "\ufeff{}", strings.Repeat("[", 128) + strings.Repeat("]", 128),
			strings.Repeat("[", 127) + strings.Repeat("]", 127), `{"data":"x","message":1}`, "",
		}), func(s string) []byte { return []byte(s) }),
	)
	rapid.Check(t, func(rt *rapid.T) {
		l, path := create(t)
		var want []eventlog.Record
		last := eventlog.Seq(0)
		for range rapid.IntRange(0, 20).Draw(rt, "messages") {
			last += eventlog.Seq(rapid.Uint64Range(1, 1<<40).Draw(rt, "step"))
			r := eventlog.Record{
				Seq: last, Time: eventlog.Time(rapid.Int64Range(1, 1<<62).Draw(rt, "time")),
				Subject: rapid.StringMatching(`[a-zé"\\<]{1,5}(\.[a-z]{1,3}){0,3}`).Draw(rt, "subject"),
				Body:    bodies.Draw(rt, "body"),
			}
			if rapid.Bool().Draw(rt, "headers") {
				r.Header = rapid.MapOf(rapid.String(), rapid.SliceOfN(rapid.String(), 1, 3)).Draw(rt, "header")
			}
			if err := l.Store(t.Context(), r); err != nil {
				rt.Fatalf("Store: %v", err)
			}
			want = append(want, r)
		}
		for _, l := range []*filelog.Log{l, open(t, filelog.Config{Path: path})} {
			got, _ := read(t, l)
			eventlogtest.RequireEqual(t, got, want)
		}
	})
}

func TestPlainFile(t *testing.T) {
	path := write(t,
		`{"subject":"a.one","message":{"n": 1}}`,
		``,
		`{"source":"ignored","subject":"a.two","headers":{"H":"v","M":["x","y"]},"message":"text"}`,
		"  \t",
		`{"sequence":10,"time":{"secs_since_epoch":5,"nanos_since_epoch":6},"subject":"a.ten","data":"AAEC"}`,
		`{"subject":"a.eleven","message":null}`,
		`{"sequence":20}`,
		``,
	)
	got, bounds := read(t, open(t, filelog.Config{Path: path}))
	eventlogtest.RequireEqual(t, got, []eventlog.Record{
		{Seq: 1, Subject: "a.one", Body: []byte(`{"n": 1}`)},
		{Seq: 2, Subject: "a.two", Header: eventlog.Header{"H": {"v"}, "M": {"x", "y"}}, Body: []byte(`"text"`)},
		{Seq: 10, Time: 5_000_000_006, Subject: "a.ten", Body: []byte{0, 1, 2}},
		{Seq: 11, Time: 5_000_000_006, Subject: "a.eleven", Body: []byte("null")},
	})
	if bounds.Stream != (eventlog.Stream{Name: "recorded"}) || bounds.Last != 20 || bounds.First != 1 {
		t.Errorf("bounds %+v, want the file's name, 1 to 20", bounds)
	}
}

func TestIdentity(t *testing.T) {
	tests := []struct {
		name  string
		lines []string
		want  eventlog.Stream
	}{
		{"header", []string{`{"log":{"name":"EVENTS","created":"2023-11-14T22:13:20.123456789Z"}}`, ``}, identity},
		{"header without time", []string{`{"log":{"name":"X"}}`, `{"time":7,"subject":"a","message":1}`, ``}, eventlog.Stream{Name: "X"}},
		{"first message", []string{`{"time":7,"subject":"a","message":1}`, ``}, eventlog.Stream{Name: "recorded", Created: 7_000_000}},
		{"neither", []string{`{"subject":"a","message":1}`, ``}, eventlog.Stream{Name: "recorded"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if _, b := read(t, open(t, filelog.Config{Path: write(t, test.lines...)})); b.Stream != test.want {
				t.Errorf("identity %v, want %v", b.Stream, test.want)
			}
		})
	}
}

func TestBadLines(t *testing.T) {
	const good = `{"subject":"a","message":1}`
	tests := []struct {
		name string
		bad  string
		want error
	}{
		{"not JSON", `{"subject":`, nil},
		{"not an object", `[1]`, nil},
		{"byte order mark", "\ufeff" + good, nil},
		{"invalid UTF-8", "{\"subject\":\"\xff\",\"message\":1}", nil},
		{"repeated member", `{"subject":"a","subject":"b","message":1}`, nil},
		{"no subject", `{"message":1}`, nil},
		{"no body", `{"subject":"a"}`, nil},
		{"two bodies", `{"subject":"a","message":1,"data":""}`, nil},
		{"not base64", `{"subject":"a","data":"%"}`, nil},
		{"data is no string", `{"subject":"a","data":1}`, nil},
		{"subject is no string", `{"subject":1,"message":1}`, nil},
		{"header is no string", `{"subject":"a","headers":{"h":1},"message":1}`, nil},
		{"headers are no object", `{"subject":"a","headers":[],"message":1}`, nil},
		{"sequence zero", `{"sequence":0,"subject":"a","message":1}`, nil},
		{"sequence falls", `{"sequence":1,"subject":"a","message":1}`, nil},
		{"mark falls", `{"sequence":2}`, nil},
		{"time of no form", `{"time":"yesterday","subject":"a","message":1}`, nil},
		{"late header", `{"log":{"name":"X"}}`, nil},
		{"nothing", `{}`, nil},
		{"too long", `{"subject":"a","message":"` + strings.Repeat("x", filelog.MaxLine) + `"}`, filelog.ErrLongLine},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path := write(t, good, "", good, test.bad, good, "")
			_, err := filelog.Open(t.Context(), filelog.Config{Path: path})
			refused, ok := errors.AsType[*filelog.LineError](err)
			if !ok || refused.Line != 4 || test.want != nil && !errors.Is(err, test.want) {
				t.Errorf("Open: %v, want line 4 refused", err)
			}
		})
	}
}

func TestTornLastLine(t *testing.T) {
	const good = `{"subject":"a","message":1}`
	for _, torn := range []string{good, good[:10], "{"} {
		_, err := filelog.Open(t.Context(), filelog.Config{Path: write(t, good, good, torn)})
		refused, ok := errors.AsType[*filelog.LineError](err)
		if !ok || refused.Line != 3 || !errors.Is(err, filelog.ErrTornLine) {
			t.Errorf("Open of a file that ends in %q: %v, want ErrTornLine in line 3", torn, err)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	empty := write(t, "")
	if _, err := filelog.Open(t.Context(), filelog.Config{Path: empty}); !errors.Is(err, fs.ErrInvalid) {
		t.Errorf("Open of an empty file: %v, want it refused", err)
	}
	if _, err := filelog.Open(t.Context(), filelog.Config{Path: empty + ".no"}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Open of no file: %v, want ErrNotExist", err)
	}
	if _, err := filelog.Open(t.Context(), filelog.Config{Path: empty, Create: identity}); err == nil {
		t.Error("Open to create without Write: no error")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	path := write(t, `{"subject":"a","message":1}`, "")
	if _, err := filelog.Open(ctx, filelog.Config{Path: path}); !errors.Is(err, context.Canceled) {
		t.Errorf("Open with an ended context: %v, want context.Canceled", err)
	}
}

func TestAppendRefuses(t *testing.T) {
	readOnly := open(t, filelog.Config{Path: write(t, `{"subject":"a","message":1}`, "")})
	if _, err := readOnly.Append(t.Context(), "a", nil, nil); !errors.Is(err, filelog.ErrReadOnly) {
		t.Errorf("Append to a file open for reading: %v, want ErrReadOnly", err)
	}
	l, _ := create(t)
	if _, err := l.Append(t.Context(), "a..b", nil, nil); err == nil {
		t.Error("Append to a subject with an empty token: no error")
	}
	if err := l.Store(t.Context(), eventlog.Record{Seq: 1, Subject: "\xff"}); err == nil {
		t.Error("Store of a subject that is not UTF-8: no error")
	}
	if err := l.Store(t.Context(), eventlog.Record{Seq: 1, Subject: "a", Body: make([]byte, filelog.MaxLine)}); err == nil {
		t.Error("Store of a body that no line has room for: no error")
	}
	if err := l.Store(t.Context(), eventlog.Record{Seq: 5, Subject: "a"}); err != nil {
		t.Errorf("Store of 5: %v", err)
	}
	for _, seq := range []eventlog.Seq{5, 4, 0} {
		if err := l.Store(t.Context(), eventlog.Record{Seq: seq, Subject: "a"}); err == nil {
			t.Errorf("Store of %s behind 5: no error", seq)
		}
	}
	if got, _ := read(t, l); len(got) != 1 || got[0].Seq != 5 {
		t.Errorf("after the refusals the log holds %v, want what was stored", got)
	}
}

// TestChangedFile changes a file that is open: the change is reported, not delivered.
func TestChangedFile(t *testing.T) {
	path := write(t, `{"sequence":7,"subject":"a","message":1}`, "")
	l := open(t, filelog.Config{Path: path})
	for _, changed := range []string{`{"sequence":8,"subject":"a","message":1}`, `{"sequence":7,"subject":"a","messag`} {
		if err := os.WriteFile(path, []byte(changed+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := l.Seek(t.Context(), 7)
		if refused, ok := errors.AsType[*filelog.LineError](err); !ok || refused.Line != 1 {
			t.Errorf("Seek in a file that became %s: %v, want line 1 refused", changed, err)
		}
	}
}

func FuzzParseLine(f *testing.F) {
	f.Add([]byte(`{"sequence":7,"time":"2026-01-23T10:00:01Z","subject":"a","headers":{"H":["v"]},"message":{"a":1}}`))
	f.Add([]byte(`{"subject":"a","data":"AAEC"}`))
	f.Add([]byte(`{"log":{"name":"EVENTS","created":1}}`))
	f.Add([]byte(`{"sequence":9}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		line, err := filelog.ParseLine(text)
		if err != nil || line.Mark || !line.Header.IsZero() {
			return
		}
		if line.Record.Seq == 0 {
			line.Record.Seq = 1
		}
		out, err := filelog.AppendLine(nil, &line.Record)
		if err != nil {
			t.Fatalf("AppendLine of what ParseLine read: %v", err)
		}
		again, err := filelog.ParseLine(out[:len(out)-1])
		if err != nil {
			t.Fatalf("ParseLine of %q: %v", out, err)
		}
		eventlogtest.RequireEqual(t, []eventlog.Record{again.Record}, []eventlog.Record{line.Record})
	})
}
