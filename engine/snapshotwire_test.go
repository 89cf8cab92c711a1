package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/thecowboyai/cim-projector/engine"
	"github.com/thecowboyai/cim-projector/eventlog/embedded/embeddedtest"
	"github.com/thecowboyai/cim-projector/projection"
)

// served is a worker that answers on a server of its own.
type served struct {
	*running
	nc   *nats.Conn
	name string
}

func serve(t *testing.T, name string, events int) *served {
	t.Helper()
	server := embeddedtest.Start(t)
	nc := embeddedtest.Connect(t, server.URL())
	makeStream(t, nc)
	publish(t, nc, 0, events)
	c := config(t, openLog(t, server.URL()), newTally("tally"), newBoxes())
	c.Name = name
	s := &served{running: start(t, c), nc: nc, name: name}
	service, err := engine.Serve(t.Context(), engine.ServiceConfig{Conn: nc, Worker: s.Worker})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := service.Close(); err != nil {
			t.Errorf("close the service: %v", err)
		}
	})
	s.waitFor(600, "tally", "boxes")
	return s
}

func (s *served) ask(subject, params string) (engine.Reply, error) {
	ctx, cancel := context.WithTimeout(s.t.Context(), 20*time.Second)
	defer cancel()
	return engine.NewClient(s.nc, s.name).Ask(ctx, subject, []byte(params))
}

// answer asks what must be answered, and reads the data.
func answer[T any](s *served, subject, params string) (out T) {
	s.t.Helper()
	reply, err := s.ask(subject, params)
	if err != nil {
		s.t.Fatalf("%s %s: %v", subject, params, err)
	}
	if err := json.Unmarshal(reply.Data, &out); err != nil {
		s.t.Fatalf("%s %s: %v in %.300s", subject, params, err, reply.Data)
	}
	return out
}

// A snapshot on the wire is CIM's message: it is published when it is durable, and moments in it are as Rust's serde writes them.
func TestSnapshotsOnTheWire(t *testing.T) {
	s := serve(t, "default", 600)
	published, err := s.nc.SubscribeSync("snapshot.metadata.*")
	if err != nil {
		t.Fatal(err)
	}
	made := answer[engine.SnapshotMetadata](s, "cmd.snapshot.create", `{"name":"first","description":"<one>","keep":"30d","min_sequence":600}`)
	if made.StreamSequence != 600 || made.EventCount != 600 || made.StreamName != streamName || !made.Complete || len(made.Projections) != 2 {
		t.Errorf("made %+v", made)
	}
	m, err := published.NextMsg(10 * time.Second)
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Name      string `json:"name"`
		CreatedAt *struct {
			Seconds *int64 `json:"secs_since_epoch"`
			Nanos   *int64 `json:"nanos_since_epoch"`
		} `json:"created_at"`
		Sequence    uint64 `json:"stream_sequence"`
		Stream      string `json:"stream_name"`
		Events      uint64 `json:"event_count"`
		Description string `json:"description"`
	}
	if err := json.Unmarshal(m.Data, &doc); err != nil || m.Subject != "snapshot.metadata.first" {
		t.Fatalf("%s: %v", m.Subject, err)
	}
	if doc.CreatedAt == nil || doc.CreatedAt.Seconds == nil || doc.CreatedAt.Nanos == nil || doc.Description != "<one>" ||
		doc.Sequence != 600 || doc.Events != 600 || doc.Stream != streamName {
		t.Errorf("published %s", m.Data)
	}
	if at := time.Unix(*doc.CreatedAt.Seconds, *doc.CreatedAt.Nanos); time.Since(at) > time.Hour || *doc.CreatedAt.Nanos >= 1e9 {
		t.Errorf("created at %s", at)
	}
	if have, err := s.SnapshotNamed("first"); err != nil || have.Digest != made.Digest { // what is published is there
		t.Errorf("the published snapshot: %+v, %v", have, err)
	}

	detached := answer[engine.SnapshotMetadata](s, "cmd.snapshot.create", `{"name":"second","detach":true,"hold":true}`)
	if _, err := published.NextMsg(10 * time.Second); err != nil || detached.Name != "second" {
		t.Errorf("a detached one: %+v, %v", detached, err)
	}
	list := answer[[]engine.SnapshotMetadata](s, "query.snapshot.list", ``)
	if len(list) != 2 || list[0].Name != "first" || list[1].Name != "second" || !list[1].Hold {
		t.Errorf("listed %+v", list)
	}
	if page := answer[[]engine.SnapshotMetadata](s, "query.snapshot.list", `{"pagination":{"offset":1,"limit":5}}`); len(page) != 1 {
		t.Errorf("the second page has %d", len(page))
	}
	if got := answer[engine.SnapshotMetadata](s, "query.snapshot.get.first", ``); got.Digest != made.Digest || got.Manifest().Keep != "30d" {
		t.Errorf("got %+v", got)
	}
	if v := answer[engine.SnapshotVerification](s, "query.snapshot.verify", `{"name":"first"}`); !v.OK || v.Digest != made.Digest {
		t.Errorf("verified %+v", v)
	}
	_, err = s.ask("cmd.snapshot.delete", `{"names":["first","second"]}`)
	refused(t, err, projection.Refused, "hold")
	if gone := answer[engine.Removed](s, "cmd.snapshot.delete", `{"name":"first","names":["first"]}`); gone.Names == nil {
		t.Errorf("removed %+v", gone)
	}
	_, err = s.ask("query.snapshot.get.first", ``)
	refused(t, err, projection.NotFound)
	if pruned := answer[engine.Removed](s, "cmd.snapshot.prune", `{"dry_run":true}`); pruned.Names == nil || len(pruned.Names) > 0 || !pruned.Dry {
		t.Errorf("pruned %+v", pruned)
	}
}

func TestRequestsAboutThePastThatAreRefused(t *testing.T) {
	s := serve(t, "default", 600)
	s.snapshot("s")
	for _, c := range []struct {
		subject, params string
		code            projection.QueryCode
	}{
		{"cmd.snapshot.create", ``, projection.BadRequest},
		{"cmd.snapshot.create", `{"name":7}`, projection.BadRequest},
		{"cmd.snapshot.create", `{"name":"a.b"}`, projection.BadRequest},
		{"cmd.snapshot.create", `{"name":"x","keep":30}`, projection.BadRequest},
		{"cmd.snapshot.create", `{"name":"x","keep":"soon"}`, projection.BadRequest},
		{"cmd.snapshot.create", `{"name":"x","hold":"yes"}`, projection.BadRequest},
		{"cmd.snapshot.create", `{"name":"x","only":"tally"}`, projection.BadRequest},
		{"cmd.snapshot.create", `{"name":"x","only":["nobody"]}`, projection.NotFound},
		{"cmd.snapshot.create", `{"name":"x","detach":1}`, projection.BadRequest},
		{"cmd.snapshot.create", `{"name":"s"}`, projection.Refused},
		{"cmd.snapshot.create", `{"name":"x","min_sequence":9999,"timeout_ms":50}`, projection.Timeout},
		{"cmd.snapshot.create", `{"name":"x","as_of_sequence":5}`, projection.BadRequest},
		{"cmd.snapshot.delete", ``, projection.BadRequest},
		{"cmd.snapshot.delete", `{"names":[1]}`, projection.BadRequest},
		{"cmd.snapshot.delete", `{"name":"nobody"}`, projection.NotFound},
		{"cmd.snapshot.restore", ``, projection.BadRequest},
		{"cmd.snapshot.restore", `{"name":"nobody"}`, projection.NotFound},
		{"cmd.snapshot.restore", `{"to_sequence":0}`, projection.BadRequest},
		{"cmd.snapshot.restore", `{"to_sequence":"5"}`, projection.BadRequest},
		{"cmd.snapshot.restore", `{"to_sequence":601}`, projection.Refused},
		{"cmd.snapshot.restore", `{"to_time":"yesterday"}`, projection.BadRequest},
		{"cmd.snapshot.restore", `{"to_time":"2200-01-01T00:00:00Z"}`, projection.Refused},
		{"cmd.snapshot.restore", `{"undo":true}`, projection.NotFound},
		{"cmd.snapshot.restore", `{"undo":true,"name":"s"}`, projection.BadRequest},
		{"cmd.snapshot.restore", `{"undo":"true"}`, projection.BadRequest},
		{"cmd.snapshot.restore", `{"name":"s","verify":1}`, projection.BadRequest},
		{"query.snapshot.verify", `{"name":"nobody"}`, projection.NotFound},
		{"query.snapshot.get.nobody", ``, projection.NotFound},
		{"query.snapshot.diff", ``, projection.BadRequest},
		{"query.snapshot.diff", `{"before":"nobody"}`, projection.NotFound},
		{"query.snapshot.diff", `{"before":"s","after":"nobody"}`, projection.NotFound},
		{"query.snapshot.diff", `{"before":"s","projection":"nobody"}`, projection.NotFound},
		{"query.snapshot.diff", `{"before":"s","from":"here"}`, projection.BadRequest},
		{"query.snapshot.diff", `{"before":"s","from":{"projection":"nobody"}}`, projection.BadRequest},
		{"query.snapshot.diff", `{"before":"s","counts_only":"yes"}`, projection.BadRequest},
		{"query.projection.job", `{"id":"nobody"}`, projection.NotFound},
		{"query.projection.job", `{"id":7}`, projection.BadRequest},
		{"query.projection.history", ``, projection.BadRequest},
		{"query.projection.history", `{"key":7}`, projection.BadRequest},
		{"query.projection.history", `{"key":"nobody/a"}`, projection.BadRequest},
		{"query.projection.history", `{"key":"tally/a1","from_sequence":-1}`, projection.BadRequest},
		{"query.tally.list", `{"as_of_sequence":0}`, projection.BadRequest},
		{"query.tally.list", `{"as_of_sequence":"1"}`, projection.BadRequest},
		{"query.tally.list", `{"as_of_sequence":601}`, projection.Refused},
		{"query.tally.list", `{"as_of_time":"soon"}`, projection.BadRequest},
		{"query.tally.list", `{"as_of_time":"2200-01-01T00:00:00Z"}`, projection.Refused},
		{"query.tally.list", `{"as_of_snapshot":"nobody"}`, projection.NotFound},
		{"query.tally.list", `{"as_of_snapshot":"a.b"}`, projection.BadRequest},
		{"query.tally.list", `{"as_of_snapshot":"s","as_of_sequence":1}`, projection.BadRequest},
		{"query.tally.list", `{"as_of_sequence":1,"stream_created":"2020-01-01T00:00:00Z"}`, projection.Refused},
		{"query.projection.status", `{"as_of_sequence":1}`, projection.BadRequest},
	} {
		_, err := s.ask(c.subject, c.params)
		if q := asType[*projection.QueryError](err); q == nil || q.Code != c.code || q.Message == "" {
			t.Errorf("%s %s: %v, want the code %s", c.subject, c.params, err, c.code)
		}
	}
	if got := s.snapshots(); !slices.Equal(got, []string{"s"}) || s.position("tally") != 600 {
		t.Errorf("what was refused has left %v, and the models at %s", got, s.position("tally"))
	}
}

func TestAnswersFromThePast(t *testing.T) {
	s := serve(t, "default", 600)
	s.snapshot("s")
	publish(t, s.nc, 600, 200)
	s.waitFor(800, "tally", "boxes")
	before := s.digests()
	type metadata struct {
		Sequence   uint64
		Projection string
		AsOf       *struct {
			Base     uint64 `json:"base_sequence"`
			Replayed uint64
			Cached   bool
		} `json:"as_of"`
	}
	past := func(subject, params string) (out struct {
		Data     json.RawMessage
		Metadata metadata
	}) {
		t.Helper()
		reply, err := s.ask(subject, params)
		if err != nil {
			t.Fatalf("%s %s: %v", subject, params, err)
		}
		if err := json.Unmarshal(reply.Raw, &out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	first := past("query.tally.list", `{"as_of_sequence":650}`)
	if m := first.Metadata; m.Sequence != 650 || m.AsOf == nil || m.AsOf.Base != 600 || m.AsOf.Replayed != 50 || m.AsOf.Cached {
		t.Errorf("from the snapshot on: %+v, %+v", m, m.AsOf)
	}
	again := past("query.tally.list", `{"query_type":"list","parameters":{"as_of_sequence":650}}`)
	if m := again.Metadata; m.AsOf == nil || !m.AsOf.Cached || m.AsOf.Replayed != 0 || string(again.Data) != string(first.Data) {
		t.Errorf("asked again, in the envelope: %+v, %+v", m, m.AsOf)
	}
	named := past("query.tally.list", `{"as_of_snapshot":"s"}`)
	if m := named.Metadata; m.Sequence != 600 || m.AsOf == nil || m.AsOf.Base != 600 || m.AsOf.Replayed != 0 {
		t.Errorf("the snapshot: %+v, %+v", m, m.AsOf)
	}
	if now := past("query.tally.list", ``); now.Metadata.AsOf != nil || now.Metadata.Sequence != 800 || string(now.Data) == string(named.Data) {
		t.Errorf("now: %+v", now.Metadata)
	}
	var early, late []engine.LetterView
	if err := json.Unmarshal(past("query.projection.deadletters", `{"projection":"tally","as_of_sequence":100}`).Data, &early); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(past("query.projection.deadletters", `{"projection":"tally"}`).Data, &late); err != nil {
		t.Fatal(err)
	}
	if len(early) == 0 || len(early) >= len(late) || early[len(early)-1].Sequence > 100 {
		t.Errorf("%d dead letters as of 100, %d now", len(early), len(late))
	}
	if after := s.digests(); after["tally"].Digest != before["tally"].Digest {
		t.Error("questions about the past have changed what is live")
	}
}

// Differences come in pages that together are all of them, and agree with their counts.
func TestDifferencesOfSnapshots(t *testing.T) {
	s := serve(t, "default", 600)
	s.snapshot("s")
	publish(t, s.nc, 600, 200)
	s.waitFor(800, "tally", "boxes")
	s.snapshot("t")
	for _, after := range []string{`"after":"t",`, ``} {
		counts := answer[engine.SnapshotDiff](s, "query.snapshot.diff", `{"before":"s",`+after+`"projection":"tally","counts_only":true}`)
		want := map[string][3]uint64{}
		for _, table := range counts.Tables {
			want[table.Table] = [3]uint64{table.Added, table.Removed, table.Changed}
		}
		if counts.Before.Sequence != 600 || counts.After.Sequence != 800 || len(counts.Rows) > 0 || want["counts"] == ([3]uint64{}) {
			t.Fatalf("counted %+v", counts)
		}
		got, seen, from := map[string][3]uint64{}, map[string]bool{}, ""
		for pages := 0; ; pages++ {
			params := fmt.Sprintf(`{"before":"s",%s"projection":"tally","pagination":{"limit":17}%s}`, after, from)
			page := answer[engine.SnapshotDiff](s, "query.snapshot.diff", params)
			for _, row := range page.Rows {
				if at := row.Table + "/" + row.Key; seen[at] {
					t.Errorf("%s comes twice", at)
				} else {
					seen[at] = true
				}
				n := got[row.Table]
				switch {
				case string(row.Before) == "null":
					n[0]++
				case string(row.After) == "null":
					n[1]++
				default:
					n[2]++
				}
				got[row.Table] = n
			}
			if page.HasMore != (page.Next != nil) || pages > 100 {
				t.Fatalf("page %d: %t, %v", pages, page.HasMore, page.Next)
			}
			if !page.HasMore {
				break
			}
			raw, err := json.Marshal(page.Next)
			if err != nil {
				t.Fatal(err)
			}
			from = `,"from":` + string(raw)
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("after %q\nrows   %v\ncounts %v", after, got, want)
		}
	}
	if same := answer[engine.SnapshotDiff](s, "query.snapshot.diff", `{"before":"t","after":"t"}`); len(same.Tables)+len(same.Rows) > 0 {
		t.Errorf("a snapshot differs from itself by %+v", same)
	}
}

func TestHistoryOnTheWire(t *testing.T) {
	s := serve(t, "default", 600)
	all := answer[[]engine.TouchView](s, "query.projection.history", `{"key":"tally/a1"}`)
	if len(all) < 3 || string(all[0].Changes[0].Before) != "null" {
		t.Fatalf("the history of a1 has %d events", len(all))
	}
	page := answer[[]engine.TouchView](s, "query.projection.history", `{"key":"tally/counts/a1","pagination":{"offset":1,"limit":1}}`)
	if len(page) != 1 || page[0].Sequence != all[1].Sequence {
		t.Errorf("the second page: %+v", page)
	}
	later := answer[[]engine.TouchView](s, "query.projection.history", fmt.Sprintf(`{"key":"tally/a1","from_sequence":%d}`, all[2].Sequence))
	if len(later) != len(all)-2 || later[0].Sequence != all[2].Sequence {
		t.Errorf("from the third on there are %d of %d", len(later), len(all))
	}
}

// A restore goes on when nobody waits for it; its progress is published, and can be asked for.
func TestRestoreOnTheWire(t *testing.T) {
	s := serve(t, "default", 600)
	progress, err := s.nc.SubscribeSync("projection.progress.*")
	if err != nil {
		t.Fatal(err)
	}
	plan := answer[engine.RestorePlan](s, "cmd.snapshot.restore", `{"to_sequence":450,"dry_run":true}`)
	if plan.Sequence != 450 || plan.Replay != 450 || !plan.Replays || len(plan.Bases) != 2 || s.position("tally") != 600 {
		t.Errorf("planned %+v", plan)
	}
	job := answer[engine.Job](s, "cmd.snapshot.restore", `{"to_sequence":450,"detach":true}`)
	for job.State == "running" {
		m, err := progress.NextMsg(20 * time.Second)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(m.Data, &job); err != nil || !strings.HasSuffix(m.Subject, job.ID) {
			t.Fatalf("%s: %s, %v", m.Subject, m.Data, err)
		}
	}
	asked := answer[engine.Job](s, "query.projection.job", fmt.Sprintf(`{"id":%q}`, job.ID))
	if asked.State != "done" || asked.Ended == nil || asked.Kind != "restore" || s.position("boxes") != 450 {
		t.Errorf("the job: %+v, at %s", asked, s.position("boxes"))
	}
	done := answer[struct{ Result engine.RestoreReport }](s, "cmd.snapshot.restore", `{"undo":true}`)
	if done.Result.Sequence != 600 || done.Result.Paused {
		t.Errorf("undone %+v", done)
	}
	publish(t, s.nc, 600, 1)
	s.waitFor(601, "tally", "boxes")
	job = answer[engine.Job](s, "cmd.snapshot.restore", `{"name":"nobody","detach":true}`)
	for job.State == "running" {
		job = answer[engine.Job](s, "query.projection.job", fmt.Sprintf(`{"id":%q}`, job.ID))
	}
	if job.State != "failed" || job.Error == nil || job.Error.Code != projection.NotFound {
		t.Errorf("a restore of nothing: %+v", job)
	}
}

// A command without a worker's name is for the one of the default name; questions are answered by anybody.
func TestCommandsAreForOneWorker(t *testing.T) {
	s := serve(t, "second", 600)
	for subject, served := range map[string]bool{
		"query.snapshot.list": true, "cmd.snapshot.prune": false, "cmd.snapshot.create": false, "cmd.projection.pause": false,
		"projector.second.cmd.snapshot.prune": true, "projector.second.query.snapshot.list": true, "projector.default.query.snapshot.list": false,
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		_, err := s.nc.RequestWithContext(ctx, subject, nil)
		cancel()
		if (err == nil) != served {
			t.Errorf("%s: %v, want it served %t", subject, err, served)
		}
	}
}
