package engine

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
)

// TableDiff counts the rows of one table that two states do not share.
type TableDiff struct {
	Projection string `json:"projection"`
	Table      string `json:"table"`
	Added      uint64 `json:"added"`
	Removed    uint64 `json:"removed"`
	Changed    uint64 `json:"changed"`
}

// RowDiff is one row that two states do not share; null on the side that does not have it.
type RowDiff struct {
	Projection string          `json:"projection"`
	Table      string          `json:"table"`
	Key        string          `json:"key"` // texts with / between them, escaped as in a URL
	Before     json.RawMessage `json:"before"`
	After      json.RawMessage `json:"after"`
}

// SnapshotDiff is what lies between two states: counts by table, and a page of the rows.
type SnapshotDiff struct {
	Before  DiffSide    `json:"before"`
	After   DiffSide    `json:"after"`
	Tables  []TableDiff `json:"tables"` // those that differ
	Rows    []RowDiff   `json:"rows"`
	HasMore bool        `json:"has_more"` // there are rows behind this page: ask again with its next
	Next    *DiffPlace  `json:"next"`
}

// DiffSide is one of the two states.
type DiffSide struct {
	Snapshot *string `json:"snapshot"` // null for what is live
	Sequence uint64  `json:"sequence"`
}

// DiffPlace is the row that a page begins at.
type DiffPlace struct {
	Projection string `json:"projection"`
	Table      string `json:"table"`
	Key        []byte `json:"key"` // base64 of its bytes
}

// diffWish is what is to be compared.
type diffWish struct {
	before, after string // snapshots; after "" = what is live
	only          []string
	counts        bool // no rows
	from          DiffPlace
}

func (d *diffWish) field(name string, v eventlog.Value) (err *eventlog.FieldError) {
	var text string
	switch name {
	case "before":
		d.before, err = v.Text()
	case "after":
		d.after, err = v.Text()
	case "projection":
		text, err = v.Text()
		d.only = append(d.only, text)
	case "counts_only":
		d.counts, err = v.Bool()
	case "from":
		if json.Unmarshal(v, &d.from) != nil {
			err = eventlog.Refuse(eventlog.CodeWrongType, "")
		}
	}
	return err
}

// diffSides is two states to be compared: of each projection both commits.
type diffSides struct {
	names         []string
	before, after map[string]string
	report        SnapshotDiff
}

// sides finds the commits of what is to be compared. What is live is folded first, so that it is a tree as well: nothing waits for
// that but the answer.
func (w *Worker) sides(ctx context.Context, d *diffWish) (*diffSides, error) {
	out := &diffSides{report: SnapshotDiff{Tables: []TableDiff{}, Rows: []RowDiff{}}}
	m, err := w.store.Snapshot(d.before)
	if err != nil {
		return nil, err
	}
	out.before = startsOf(m)
	out.report.Before = DiffSide{Snapshot: &m.Name, Sequence: m.StreamSequence}
	if d.after == "" {
		out.after, out.report.After.Sequence, err = w.liveCommits(ctx)
	} else if m, err = w.store.Snapshot(d.after); err == nil {
		out.after = startsOf(m)
		out.report.After = DiffSide{Snapshot: &m.Name, Sequence: m.StreamSequence}
	}
	if err != nil {
		return nil, err
	}
	names, err := w.known(d.only)
	for _, name := range names {
		if out.before[name] != "" && out.after[name] != "" {
			out.names = append(out.names, name)
		}
	}
	if err == nil && len(out.names) == 0 {
		err = projection.Fail(projection.NotFound, "the two states have no projection in common")
	}
	return out, err
}

// liveCommits folds what is live as of now, and returns the commits that it became.
func (w *Worker) liveCommits(ctx context.Context) (map[string]string, uint64, error) {
	if err := w.store.RotateAll(); err != nil {
		return nil, 0, err
	}
	for {
		done := w.folder.next()
		w.folder.wake()
		if w.store.Folded() {
			break
		}
		select {
		case <-done:
		case <-ctx.Done():
			return nil, 0, fmt.Errorf("fold what is live: %w", context.Cause(ctx))
		}
	}
	out := map[string]string{}
	var at eventlog.Seq
	for _, st := range w.store.LiveTrees() {
		t, err := w.store.Tree(st.Commit)
		if err != nil {
			return nil, 0, err
		}
		out[st.Projection], at = st.Commit, max(at, t.At.Seq)
	}
	return out, uint64(at), nil
}

// Diff compares two snapshots, or one and what is live. Its cost follows the difference.
func (w *Worker) diff(ctx context.Context, d *diffWish, limit int) (SnapshotDiff, error) {
	sides, err := w.sides(ctx, d)
	if err != nil {
		return SnapshotDiff{}, err
	}
	out := sides.report
	for _, name := range sides.names {
		tables, err := w.store.CountChanges(ctx, name, sides.before[name], sides.after[name])
		if err != nil {
			return SnapshotDiff{}, err
		}
		for _, t := range tables {
			out.Tables = append(out.Tables, TableDiff{name, t.Table, t.Added, t.Removed, t.Changed})
		}
	}
	if d.counts {
		return out, nil
	}
	return out, w.diffRows(ctx, d, sides, limit, &out)
}

func (w *Worker) diffRows(ctx context.Context, d *diffWish, sides *diffSides, limit int, out *SnapshotDiff) error {
	from := d.from
	for _, name := range sides.names {
		if from.Projection != "" && from.Projection != name {
			continue
		}
		table, key := from.Table, projection.Key(from.Key)
		from = DiffPlace{}
		var failed error
		err := w.store.Diff(ctx, name, sides.before[name], sides.after[name], table, key, func(c projection.RowChange) bool {
			if len(out.Rows) == limit {
				out.HasMore, out.Next = true, &DiffPlace{Projection: name, Table: c.Table, Key: []byte(c.Key)}
				return false
			}
			var row RowDiff
			row, failed = showRow(name, c)
			out.Rows = append(out.Rows, row)
			return failed == nil
		})
		if err != nil || failed != nil || out.HasMore {
			return errorsFirst(err, failed)
		}
	}
	return nil
}

func errorsFirst(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func showRow(name string, c projection.RowChange) (RowDiff, error) {
	out := RowDiff{Projection: name, Table: c.Table, Key: c.Key.String()}
	var err error
	if out.Before, err = rowJSON(c.Before); err != nil {
		return out, fmt.Errorf("show row %s of %s/%s: %w", out.Key, name, c.Table, err)
	}
	if out.After, err = rowJSON(c.After); err != nil {
		return out, fmt.Errorf("show row %s of %s/%s: %w", out.Key, name, c.Table, err)
	}
	return out, nil
}

func (s *Service) snapshotDiff(ctx context.Context, c call) (reply, error) {
	p, err := parseSnapshot(c)
	if err != nil {
		return reply{}, err
	}
	if p.diff.before == "" {
		return reply{}, projection.Fail(projection.BadRequest, "no snapshot is named; give before, and after or nothing for what is live")
	}
	done, err := s.slot(ctx)
	if err != nil {
		return reply{}, err
	}
	defer done()
	out, err := s.worker.diff(ctx, &p.diff, c.request.Limit)
	return reply{Data: out}, err
}

// RestorePlan is what a restore would take.
type RestorePlan struct {
	Sequence    uint64           `json:"sequence"` // that the models would stand at; for a moment, at most
	Bases       []RestorePlanned `json:"bases"`
	Replay      uint64           `json:"replay"`       // events, at most
	Seconds     float64          `json:"seconds"`      // about, as fast as this worker was when it was last busy, or as is usual
	DiskBytes   uint64           `json:"disk_bytes"`   // about, at most
	Replays     bool             `json:"replays"`      // false: the switch alone
	UndoDropped bool             `json:"undo_dropped"` // what can be undone now could not be undone any more
}

// RestorePlanned is where one projection would begin.
type RestorePlanned struct {
	Projection string  `json:"projection"`
	Sequence   uint64  `json:"sequence"` // 0 = the first event
	Commit     *string `json:"commit"`
}

// usualRate is events a second of a replay on a small machine.
const usualRate = 100_000

// PlanRestore says what a restore would take, without doing anything.
func (w *Worker) PlanRestore(ctx context.Context, wish RestoreWish) (RestorePlan, error) {
	if err := wish.Validate(); err != nil {
		return RestorePlan{}, err
	}
	_, undoErr := w.store.Undoable()
	if wish.Undo {
		u, err := w.store.Undoable()
		return RestorePlan{Sequence: uint64(u.At), Bases: []RestorePlanned{}}, err
	}
	m, to, err := w.destination(ctx, &wish)
	if err != nil {
		return RestorePlan{}, err
	}
	b := &builder{worker: w, to: to, names: w.names(), prefer: map[string]string{}}
	if m != nil {
		b.prefer = startsOf(m)
	}
	trees, err := b.trees()
	if err != nil {
		return RestorePlan{}, err
	}
	plan := RestorePlan{Sequence: uint64(to.seq), UndoDropped: undoErr == nil}
	for _, t := range trees {
		plan.Bases = append(plan.Bases, RestorePlanned{Projection: t.Projection, Sequence: uint64(t.At.Seq), Commit: text(t.Commit)})
		plan.Replay = max(plan.Replay, uint64(to.seq-t.At.Seq))
	}
	plan.Replays = plan.Replay > 0 || to.time != 0
	plan.Seconds = float64(plan.Replay) / usualRate
	plan.DiskBytes = w.replayBytes(ctx, plan.Replay)
	return plan, nil
}

// replayBytes is about how much disk a replay takes: no more than a few times the events themselves.
func (w *Worker) replayBytes(ctx context.Context, events uint64) uint64 {
	bounds, err := w.config.Log.Bounds(ctx)
	if err != nil || bounds.Messages == 0 {
		return 0
	}
	return 3 * events * (bounds.Bytes/bounds.Messages + 1)
}
