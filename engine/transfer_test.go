package engine_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/thecowboyai/cim-projector/engine"
	"github.com/thecowboyai/cim-projector/eventlog/embedded/embeddedtest"
	"github.com/thecowboyai/cim-projector/eventlog/memlog"
	"github.com/thecowboyai/cim-projector/projection"
)

// ended waits until a job has ended.
func (s *served) ended(job engine.Job) engine.Job {
	s.t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for job.Ended == nil {
		<-tick.C
		job = answer[engine.Job](s, "query.projection.job", fmt.Sprintf(`{"id":%q}`, job.ID))
	}
	return job
}

// exported lets the worker write a file.
func (s *served) exported(name string) engine.TransferReport {
	s.t.Helper()
	job := s.ended(answer[engine.TransferJob](s, "cmd.snapshot.export", fmt.Sprintf(`{"name":%q,"detach":true}`, name)).Job)
	if job.Error != nil {
		s.t.Fatalf("export: %v", job.Error)
	}
	return readAs[engine.TransferReport](s.t, job.Result)
}

func readAs[T any](t *testing.T, from any) (out T) {
	t.Helper()
	raw, err := json.Marshal(from)
	if err == nil {
		err = json.Unmarshal(raw, &out)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// fetch reads a file in pieces of at most so many bytes; 0 = as they come.
func (s *served) fetch(file engine.TransferReport, limit int) []byte {
	s.t.Helper()
	var out []byte
	for {
		params := fmt.Sprintf(`{"id":%q,"offset":%d}`, file.ID, len(out))
		if limit > 0 {
			params = fmt.Sprintf(`{"id":%q,"offset":%d,"limit":%d}`, file.ID, len(out), limit)
		}
		piece := answer[engine.TransferPiece](s, "cmd.transfer.read", params)
		if limit > 0 && len(piece.Bytes) > limit {
			s.t.Fatalf("a piece of %d bytes, asked for %d", len(piece.Bytes), limit)
		}
		if out = append(out, piece.Bytes...); piece.Last {
			return out
		}
	}
}

func (s *served) begin() string {
	s.t.Helper()
	return answer[engine.TransferReport](s, "cmd.transfer.begin", ``).ID
}

func piece(id string, offset int, content []byte) string {
	return fmt.Sprintf(`{"id":%q,"offset":%d,"bytes":%q}`, id, offset, base64.StdEncoding.EncodeToString(content))
}

// send sends a file in pieces of so many bytes.
func (s *served) send(raw []byte, size int) (id string) {
	s.t.Helper()
	id = s.begin()
	for at := 0; at < len(raw); at += size {
		to := min(at+size, len(raw))
		if got := answer[engine.TransferReport](s, "cmd.transfer.write", piece(id, at, raw[at:to])); got.Bytes != int64(to) {
			s.t.Fatalf("after %d bytes it has %+v", to, got)
		}
	}
	return id
}

func (s *served) end(id string) {
	s.t.Helper()
	answer[engine.TransferReport](s, "cmd.transfer.end", fmt.Sprintf(`{"id":%q}`, id))
}

// files returns how many transferred files there are on the disk.
func (s *served) files() int { return len(transferredIn(s.t, s.data())) }

func (s *served) data() string {
	st, err := s.Status(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	return st.Worker.Data
}

func transferredIn(t *testing.T, data string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(data, projection.ScratchDir, "transfers", "*"))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// A snapshot goes out and in, whatever the size of the pieces, and is the same.
func TestSnapshotsTravel(t *testing.T) {
	s := serve(t, "default", 600)
	s.snapshot("s")
	var want bytes.Buffer
	if err := s.Export(t.Context(), "s", &want, nil); err != nil {
		t.Fatal(err)
	}
	file := s.exported("s")
	if file.Bytes != int64(want.Len()) {
		t.Errorf("a file of %d bytes, want %d", file.Bytes, want.Len())
	}
	for _, limit := range []int{0, 1000, 4096, 1 << 30} {
		if got := s.fetch(file, limit); !bytes.Equal(got, want.Bytes()) {
			t.Errorf("in pieces of %d: another file of %d bytes", limit, len(got))
		}
	}
	s.end(file.ID)

	published, err := s.nc.SubscribeSync("snapshot.metadata.*")
	if err != nil {
		t.Fatal(err)
	}
	for i, size := range []int{777, 100_000, want.Len()} {
		id := s.send(want.Bytes(), size)
		name := fmt.Sprintf("copy-%d", i)
		job := s.ended(answer[engine.TransferJob](s, "cmd.snapshot.import", fmt.Sprintf(`{"id":%q,"as":%q,"detach":true}`, id, name)).Job)
		if job.Error != nil {
			t.Fatalf("import: %v", job.Error)
		}
		got := readAs[engine.SnapshotMetadata](t, job.Result)
		if v := answer[engine.SnapshotVerification](s, "query.snapshot.verify", fmt.Sprintf(`{"name":%q}`, name)); !v.OK || v.Digest != got.Digest || got.Name != name {
			t.Errorf("imported %+v, verified %+v", got, v)
		}
		if m, err := published.NextMsg(10 * time.Second); err != nil || m.Subject != "snapshot.metadata."+name {
			t.Errorf("published %v, %v", m, err)
		}
	}
	if n := s.files(); n > 0 {
		t.Errorf("%d files are left", n)
	}
}

func TestPiecesThatAreRefused(t *testing.T) {
	s := serve(t, "default", 600)
	s.snapshot("s")
	out := s.exported("s")
	in := s.begin()
	answer[engine.TransferReport](s, "cmd.transfer.write", piece(in, 0, []byte("0123456789")))
	for _, c := range []struct {
		name, subject, params string
		code                  projection.QueryCode
		text                  string
	}{
		{"a gap", "write", piece(in, 11, []byte("x")), projection.BadRequest, "has 10 bytes"},
		{"an overlap", "write", piece(in, 8, []byte("89ab")), projection.BadRequest, "has 10 bytes"},
		{"far away", "write", fmt.Sprintf(`{"id":%q,"offset":18446744073709551614,"bytes":"AAAA"}`, in), projection.BadRequest, "has 10 bytes"},
		{"a large piece", "write", piece(in, 10, make([]byte, 512<<10+1)), projection.BadRequest, "at most"},
		{"no base64", "write", fmt.Sprintf(`{"id":%q,"offset":10,"bytes":"%%"}`, in), projection.BadRequest, "bytes"},
		{"a negative offset", "write", fmt.Sprintf(`{"id":%q,"offset":-1,"bytes":""}`, in), projection.BadRequest, "offset"},
		{"nobody's file", "write", piece("abcdefghijkl", 0, []byte("x")), projection.NotFound, "no transfer"},
		{"no id", "write", piece("", 0, []byte("x")), projection.NotFound, "no transfer"},
		{"a path", "write", piece("../../LIVE", 0, []byte("x")), projection.NotFound, "no transfer"},
		{"a file to be fetched", "write", piece(out.ID, 0, []byte("x")), projection.NotFound, "no transfer"},
		{"a file to be sent", "read", fmt.Sprintf(`{"id":%q}`, in), projection.NotFound, "no transfer"},
		{"a path to read", "read", `{"id":"../../LIVE"}`, projection.NotFound, "no transfer"},
		{"behind the end", "read", fmt.Sprintf(`{"id":%q,"offset":%d}`, out.ID, out.Bytes+1), projection.BadRequest, "behind the end"},
		{"nothing wanted", "read", fmt.Sprintf(`{"id":%q,"limit":0}`, out.ID), projection.BadRequest, "limit"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := s.ask("cmd.transfer."+c.subject, c.params)
			refused(t, err, c.code, c.text)
		})
	}
	for _, again := range []string{piece(in, 0, []byte("0123456789")), piece(in, 3, []byte("345")), piece(in, 10, nil)} {
		if got := answer[engine.TransferReport](s, "cmd.transfer.write", again); got.Bytes != 10 {
			t.Errorf("a piece that was sent again: %+v", got)
		}
	}
	if end := answer[engine.TransferPiece](s, "cmd.transfer.read", fmt.Sprintf(`{"id":%q,"offset":%d}`, out.ID, out.Bytes)); len(end.Bytes) > 0 || !end.Last {
		t.Errorf("at the end: %+v", end)
	}
}

func TestImportsThatAreRefused(t *testing.T) {
	s := serve(t, "default", 600)
	s.snapshot("s")
	s.snapshot("other")
	raw := s.fetch(s.exported("s"), 0)
	flipped := bytes.Clone(raw)
	flipped[len(raw)/2] ^= 1
	for _, c := range []struct {
		name string
		raw  []byte
		as   string
		code projection.QueryCode
		text string
	}{
		{"nothing", nil, "", projection.Refused, "not an exported snapshot"},
		{"text", []byte("hello"), "", projection.Refused, "not an exported snapshot"},
		{"a part", raw[:len(raw)-512], "x", projection.Refused, "cut short"},
		{"more", append(bytes.Clone(raw), 0), "x", projection.Refused, "behind its end"},
		{"a flipped bit", flipped, "x", projection.Refused, ""},
		{"a path", raw, "../x", projection.BadRequest, "name"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := s.ask("cmd.snapshot.import", fmt.Sprintf(`{"id":%q,"as":%q}`, s.send(c.raw, 300_000), c.as))
			refused(t, err, c.code, c.text)
		})
	}
	_, err := s.ask("cmd.snapshot.import", `{"id":"abcdefghijkl"}`)
	refused(t, err, projection.NotFound, "no transfer")
	_, err = s.ask("cmd.snapshot.export", `{"name":"none"}`)
	refused(t, err, projection.NotFound)
	_, err = s.ask("cmd.snapshot.export", `{"name":"../s"}`)
	refused(t, err, projection.BadRequest)
	if got := s.snapshots(); !slices.Equal(got, []string{"other", "s"}) {
		t.Errorf("snapshots %v", got)
	}
}

func TestFewTransfersAtATime(t *testing.T) {
	s := serve(t, "default", 600)
	s.snapshot("s")
	ids := []string{s.exported("s").ID, s.begin(), s.begin(), s.begin()}
	_, err := s.ask("cmd.transfer.begin", ``)
	refused(t, err, projection.Unavailable, "4 files")
	_, err = s.ask("cmd.snapshot.export", `{"name":"s"}`)
	refused(t, err, projection.Unavailable, "4 files")
	s.end("abcdefghijkl") // nobody's: nothing
	s.end(ids[1])
	s.begin()
	if n := s.files(); n != 4 {
		t.Errorf("%d files", n)
	}
}

// A service that is closed in the middle leaves no file, and what a worker that was killed left is gone at the next start.
func TestServiceThatIsClosedInTheMiddle(t *testing.T) {
	nc := embeddedConn(t)
	log := memlog.New(memlog.Config{})
	fill(t, log, 300)
	c := config(t, log, newTally("tally"))
	w := start(t, c)
	w.waitFor(300, "tally")
	w.snapshot("s")
	service, err := engine.Serve(t.Context(), engine.ServiceConfig{Conn: nc, Worker: w.Worker})
	if err != nil {
		t.Fatal(err)
	}
	s := &served{running: w, nc: nc, name: "default"}
	s.exported("s")
	answer[engine.TransferReport](s, "cmd.transfer.write", piece(s.begin(), 0, []byte("half")))
	answer[engine.TransferJob](s, "cmd.snapshot.export", `{"name":"s","detach":true}`)
	if err := service.Close(); err != nil {
		t.Error(err)
	}
	if left := transferredIn(t, c.Data); len(left) > 0 {
		t.Errorf("closing left %v", left)
	}
	w.stop()
	dir := filepath.Join(c.Data, projection.ScratchDir, "transfers")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "left"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	start(t, c)
	if left := transferredIn(t, c.Data); len(left) > 0 {
		t.Errorf("after the start there are %v", left)
	}
}

// A server that takes small messages only.
func TestTransfersInSmallMessages(t *testing.T) {
	small, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: -1, MaxPayload: 8 << 10, NoSigs: true, NoLog: true})
	if err != nil {
		t.Fatal(err)
	}
	small.Start()
	t.Cleanup(func() {
		small.Shutdown()
		small.WaitForShutdown()
	})
	if !small.ReadyForConnections(10 * time.Second) {
		t.Fatal("the server does not start")
	}
	nc := embeddedtest.Connect(t, small.ClientURL())
	log := memlog.New(memlog.Config{})
	fill(t, log, 3000)
	c := config(t, log, newTally("tally"))
	w := start(t, c)
	w.waitFor(3000, "tally")
	w.snapshot("s")
	service, err := engine.Serve(t.Context(), engine.ServiceConfig{Conn: nc, Worker: w.Worker})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := service.Close(); err != nil {
			t.Error(err)
		}
	})
	s := &served{running: w, nc: nc, name: "default"}
	file := s.exported("s")
	if file.Bytes < 16<<10 {
		t.Fatalf("a file of %d bytes fits into few messages", file.Bytes)
	}
	raw := s.fetch(file, 0)
	id := s.send(raw, engine.PieceBytes(nc.MaxPayload()))
	answer[engine.TransferJob](s, "cmd.snapshot.import", fmt.Sprintf(`{"id":%q,"as":"copy"}`, id))
	if got := s.snapshots(); !slices.Equal(got, []string{"copy", "s"}) {
		t.Errorf("snapshots %v", got)
	}
}
