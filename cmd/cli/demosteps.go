package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/thecowboyai/cim-projector/engine"
	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
)

// demoQuestions are asked over NATS.
var demoQuestions = []struct{ subject, params string }{
	{"graph.find_nodes", `{"graph_id":"ml","filters":[{"ByMetadata":{"key":"field","value":"generation"}}]}`},
	{"conceptual.find_similar", `{"entity_id":"attention","similarity_type":"Cosine","max_results":5}`},
	{"workflow.get_process_status", `{"process_instance_ids":["review-1","review-2"]}`},
	{"agent.list", `{}`},
}

// ask asks the sample questions, and waits for nothing: the models hold everything.
func (d *demo) ask(ctx context.Context) error {
	d.tell.questions()
	client := engine.NewClient(d.site.conn, "default")
	for _, q := range demoQuestions {
		if !slices.Contains(d.app.querySubjects(), q.subject) {
			continue // a program with projections of its own need not have these
		}
		answer, err := client.Ask(ctx, "query."+q.subject, []byte(q.params))
		if err != nil {
			return err
		}
		asked := demoQuestion{Subject: q.subject, Params: json.RawMessage(q.params), Answer: answer.Raw}
		d.report.Questions = append(d.report.Questions, asked)
		if err := d.tell.question(&asked, answer.Data); err != nil {
			return err
		}
	}
	return nil
}

// showUnapplied lists what could not be applied, and what was applied and met something unexpected.
func (d *demo) showUnapplied(ctx context.Context) error {
	client := engine.NewClient(d.site.conn, "default")
	letters, err := client.Ask(ctx, "query.projection.deadletters", nil)
	if err != nil {
		return err
	}
	anomalies, err := client.Ask(ctx, "query.projection.anomalies", nil)
	if err != nil {
		return err
	}
	d.report.DeadLetters, d.report.Anomalies = letters.Data, anomalies.Data
	return d.tell.unapplied(letters.Data, anomalies.Data)
}

// restart stops the worker, publishes while it is down, starts it again, and compares what it comes to with what another worker
// makes of the whole history in one go.
func (d *demo) restart(ctx context.Context) (err error) {
	r := &d.report.Restart
	if r.Stopped, err = d.worker.worker.Verify(ctx); err != nil {
		return err
	}
	before, err := d.worker.seen()
	if err != nil {
		return err
	}
	if err := d.worker.stop(); err != nil {
		return err
	}
	last := d.report.Published.LastSequence
	if d.report.Published.Messages > 0 {
		_, later := splitSample(sample, arrivesLater)
		if r.Published, err = d.publishLines(ctx, later); err != nil {
			return err
		}
		last = r.Published.LastSequence
	}
	if err := d.goOn(ctx, last); err != nil {
		return err
	}
	after, err := d.worker.seen()
	if err != nil {
		return err
	}
	r.Applied = after - before
	if r.InOneGo, err = d.inOneGo(ctx, last); err != nil {
		return err
	}
	r.Same = sameDigests(r.Stopped, r.Started) && sameDigests(r.Continued, r.InOneGo) && r.Applied == r.Published.Stored
	if err := d.tell.restarted(r); err != nil {
		return err
	}
	if !r.Same {
		return failed("the states differ, and should not: please report this with the output of: projector demo --json")
	}
	return nil
}

// goOn starts the worker again from its checkpoint.
func (d *demo) goOn(ctx context.Context, last eventlog.Seq) (err error) {
	r := &d.report.Restart
	if r.Started, err = d.verifyStored(ctx); err != nil {
		return err
	}
	if d.worker, err = startBackground(ctx, d.site, d.config("default", d.dir)); err != nil {
		return err
	}
	if err := d.worker.waitFor(ctx, last); err != nil {
		return err
	}
	r.Continued, err = d.worker.worker.Verify(ctx)
	return err
}

// verifyStored looks at the directory of the worker that was stopped.
func (d *demo) verifyStored(ctx context.Context) (out engine.Verification, err error) {
	store, err := projection.Open(projection.Config{Dir: d.dir, Worker: "default", Projections: d.app.Projections})
	if err != nil {
		return out, err
	}
	out, err = engine.VerifyStore(ctx, store, d.app.Projections)
	return out, errors.Join(err, store.Close())
}

// inOneGo projects the whole history into another directory, which is then removed.
func (d *demo) inOneGo(ctx context.Context, last eventlog.Seq) (v engine.Verification, err error) {
	dir, err := os.MkdirTemp("", "projector-demo-")
	if err != nil {
		return v, fmt.Errorf("make a directory for the demo: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	other, err := startBackground(ctx, d.site, d.config("demo-in-one-go", dir))
	if err != nil {
		return v, err
	}
	if err := other.waitFor(ctx, last); err != nil {
		return v, errors.Join(err, other.stop())
	}
	v, err = other.worker.Verify(ctx)
	return v, errors.Join(err, other.stop())
}

// sameDigests tells whether two verifications found the same states at the same positions.
func sameDigests(a, b engine.Verification) bool {
	return a.OK() && b.OK() && slices.EqualFunc(a.Projections, b.Projections, func(x, y engine.Digest) bool {
		return x.Name == y.Name && x.Sequence == y.Sequence && x.Digest == y.Digest && x.RecordsDigest == y.RecordsDigest
	})
}
