package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/thecowboyai/cim-projector/engine"
)

// demoTime is what the demo does with the past.
type demoTime struct {
	Snapshot shownSnapshot        `json:"snapshot"`
	AsOf     demoQuestion         `json:"as_of"`
	Diff     diffHead             `json:"diff"`
	Restored engine.RestoreReport `json:"restored"`
	There    engine.Verification  `json:"there"` // what the models then held
	Undone   engine.RestoreReport `json:"undone"`
	Back     engine.Verification  `json:"back"`
	Same     bool                 `json:"same"`
}

// The snapshot of the demo, and the event that it looks back to.
const (
	demoSnapshot = "before-lunch"
	demoPast     = 150
)

// asker asks the demo's worker. It is not closed: the connection is the site's.
func (d *demo) asker() *asker {
	return &asker{conn: d.site.conn, client: engine.NewClient(d.site.conn, "default"), name: "default", timeout: time.Minute}
}

// people returns the commands as they print for people, into w.
func (d *demo) people(w io.Writer) *app {
	a := *d.app
	a.json, a.Stdout = false, w
	return &a
}

// nameIt names what the models hold, unless an earlier demo has done that in the same directory.
func (d *demo) nameIt(ctx context.Context) error {
	k := d.asker()
	raw, err := request[json.RawMessage](ctx, k, "query.snapshot.get."+demoSnapshot, struct{}{})
	if exitStatus(err) == StatusNotFound {
		raw, err = request[json.RawMessage](ctx, k, "cmd.snapshot.create", creation{Name: demoSnapshot, Detach: true})
	}
	if err != nil {
		return err
	}
	one, err := onWire(raw)
	if err == nil {
		one, err = d.app.complete(ctx, k, one)
	}
	if err != nil {
		return err
	}
	d.report.Time.Snapshot = one
	d.tell.named(&one)
	return nil
}

// lookBack asks about an earlier event, and compares what was named with what is there now.
func (d *demo) lookBack(ctx context.Context) error {
	d.tell.lookBack()
	k := d.asker()
	if slices.Contains(d.app.querySubjects(), "graph.list") {
		params := fmt.Appendf(nil, `{"as_of_sequence":%d}`, demoPast)
		answer, err := k.ask(ctx, "query.graph.list", params)
		if err != nil {
			return err
		}
		d.report.Time.AsOf = demoQuestion{Subject: "graph.list", Params: params, Answer: answer.Raw}
		err = d.tell.command(fmt.Sprintf("query graph.list --as-of-seq %d", demoPast), func(w io.Writer) error {
			return printAnswer(w, answer)
		})
		if err != nil {
			return err
		}
	}
	c := comparison{Before: demoSnapshot}
	c.Pagination.Limit = 1
	found, err := diffPageOf(ctx, k, &c)
	if err != nil {
		return err
	}
	d.report.Time.Diff = diffHead{found.Before, found.After, found.Tables}
	return d.tell.command("snapshot diff "+demoSnapshot+" --limit 1", func(w io.Writer) error {
		return d.people(w).compare(ctx, k, &comparison{Before: demoSnapshot}, 1)
	})
}

// goBack restores the snapshot, compares what is then there with what it was made of, and undoes it.
func (d *demo) goBack(ctx context.Context) (err error) {
	t := &d.report.Time
	d.tell.goBack()
	if t.Restored, err = d.put(ctx, "restore "+demoSnapshot, &restoration{Name: demoSnapshot}); err != nil {
		return err
	}
	if t.There, err = d.worker.worker.Verify(ctx); err != nil {
		return err
	}
	if t.Undone, err = d.put(ctx, "restore --undo", &restoration{Undo: true}); err != nil {
		return err
	}
	if t.Back, err = d.worker.worker.Verify(ctx); err != nil {
		return err
	}
	t.Same = t.There.OK() && sameAsNamed(&t.Snapshot, t.There) && sameDigests(d.report.Restart.Continued, t.Back)
	if !t.Same {
		return failed("the states differ, and should not: please report this with the output of: projector demo --json")
	}
	d.tell.wentBack(t)
	return nil
}

// put runs a restore and tells what it did.
func (d *demo) put(ctx context.Context, command string, r *restoration) (out engine.RestoreReport, err error) {
	k := d.asker()
	begun := *r
	begun.Detach = true
	job, err := request[engine.Job](ctx, k, "cmd.snapshot.restore", &begun)
	if err == nil {
		job, err = d.app.await(ctx, k, job, "restoring", "event")
	}
	if err == nil {
		out, err = resultOf[engine.RestoreReport](job)
	}
	if err != nil {
		return out, err
	}
	return out, d.tell.command(command, func(w io.Writer) error { return d.people(w).sayRestored(&out, r) })
}

// sameAsNamed tells whether states have the digests of a snapshot.
func sameAsNamed(s *shownSnapshot, v engine.Verification) bool {
	digests := map[string]string{}
	for _, p := range s.Projections {
		digests[p.Name] = p.Digest
	}
	return len(v.Projections) == len(digests) && !slices.ContainsFunc(v.Projections, func(d engine.Digest) bool {
		return d.Sequence != s.StreamSequence || d.Digest != digests[d.Name]
	})
}
