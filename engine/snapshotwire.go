package engine

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/snapshotstore"
)

// SystemTime is a moment as Rust's serde writes std::time::SystemTime, and as it wants it back.
type SystemTime struct {
	Seconds int64 `json:"secs_since_epoch"`
	Nanos   int64 `json:"nanos_since_epoch"`
}

func systemTime(t time.Time) SystemTime {
	return SystemTime{Seconds: t.Unix(), Nanos: int64(t.Nanosecond())}
}

// Std returns the moment.
func (t SystemTime) Std() time.Time { return time.Unix(t.Seconds, t.Nanos).UTC() }

// SnapshotMetadata is a snapshot on the wire: CIM's message of that name, with what else there is to say of one.
type SnapshotMetadata struct {
	Name           string     `json:"name"`
	CreatedAt      SystemTime `json:"created_at"`
	StreamSequence uint64     `json:"stream_sequence"`
	StreamName     string     `json:"stream_name"`
	EventCount     uint64     `json:"event_count"`
	Description    string     `json:"description"`

	StreamCreated time.Time                          `json:"stream_created"`
	StreamTime    *time.Time                         `json:"stream_time"`
	Digest        string                             `json:"digest"`
	Bytes         uint64                             `json:"bytes"`
	StoredBytes   uint64                             `json:"stored_bytes"`
	Keep          string                             `json:"keep"`
	Hold          bool                               `json:"hold"`
	Generated     bool                               `json:"generated"`
	Projections   []snapshotstore.ManifestProjection `json:"projections"`
	Complete      bool                               `json:"complete"` // false while it is being written
}

func metadataOf(m *snapshotstore.Manifest) SnapshotMetadata {
	return SnapshotMetadata{
		Name: m.Name, CreatedAt: systemTime(m.CreatedAt), StreamSequence: m.StreamSequence, StreamName: m.StreamName,
		EventCount: m.EventCount, Description: m.Description, StreamCreated: m.StreamCreated, StreamTime: m.StreamTime,
		Digest: m.Digest, Bytes: m.Bytes, StoredBytes: m.StoredBytes, Keep: m.Keep, Hold: m.Hold, Generated: m.Generated,
		Projections: m.Projections, Complete: len(m.Projections) > 0,
	}
}

// Manifest returns the snapshot as it stands in its file.
func (s *SnapshotMetadata) Manifest() *snapshotstore.Manifest {
	return &snapshotstore.Manifest{
		Name: s.Name, Description: s.Description, CreatedAt: s.CreatedAt.Std(), StreamName: s.StreamName, StreamCreated: s.StreamCreated,
		StreamSequence: s.StreamSequence, StreamTime: s.StreamTime, EventCount: s.EventCount, Digest: s.Digest, Bytes: s.Bytes,
		StoredBytes: s.StoredBytes, Keep: s.Keep, Hold: s.Hold, Generated: s.Generated, Projections: s.Projections,
	}
}

// snapshotEndpoints returns what is served of snapshots.
func (s *Service) snapshotEndpoints() []endpoint {
	return []endpoint{
		{subject: "query.snapshot.list", handle: s.snapshotList},
		{subject: "query.snapshot.get.*", handle: s.snapshotGet},
		{subject: "query.snapshot.verify", handle: s.snapshotVerify},
		{subject: "query.snapshot.diff", handle: s.snapshotDiff},
		{subject: "query.projection.job", handle: s.jobGet},
		{subject: "query.projection.history", handle: s.history},
		{subject: "cmd.snapshot.create", handle: s.snapshotCreate},
		{subject: "cmd.snapshot.delete", handle: s.snapshotDelete},
		{subject: "cmd.snapshot.prune", handle: s.snapshotPrune},
		{subject: "cmd.snapshot.retain", handle: s.snapshotRetain},
		{subject: "cmd.snapshot.restore", handle: s.snapshotRestore},
		{subject: "cmd.snapshot.export", handle: s.snapshotExport},
		{subject: "cmd.snapshot.import", handle: s.snapshotImport},
		{subject: "cmd.transfer.begin", handle: s.transferBegin},
		{subject: "cmd.transfer.read", handle: s.transferRead},
		{subject: "cmd.transfer.write", handle: s.transferWrite},
		{subject: "cmd.transfer.end", handle: s.transferEnd},
	}
}

// snapshotParams is what requests about snapshots may say.
type snapshotParams struct {
	wish    SnapshotWish
	names   []string
	restore RestoreWish
	detach  bool
	dry     bool
	id      string
	diff    diffWish
}

func parseSnapshot(c call) (snapshotParams, error) {
	var p snapshotParams
	err := c.request.Params.Object(func(name string, v eventlog.Value) *eventlog.FieldError {
		if v.IsNull() {
			return nil
		}
		return p.field(name, v).InIfAny(name)
	})
	if err != nil {
		return p, badField(err)
	}
	return p, nil
}

func (p *snapshotParams) field(name string, v eventlog.Value) (err *eventlog.FieldError) {
	var text string
	switch name {
	case "name":
		p.wish.Name, err = v.Text()
		p.restore.Snapshot = p.wish.Name
		p.names = append(p.names, p.wish.Name)
	case "names":
		var names []string
		names, err = texts(v)
		p.names = append(p.names, names...)
	case "description":
		p.wish.Description, err = v.Text()
	case "keep":
		text, err = v.Text()
		p.wish.Keep = Term(text)
	case "hold":
		p.wish.Hold, err = v.Bool()
	case "only":
		p.wish.Only, err = texts(v)
	case "id":
		p.id, err = v.Text()
	case "detach":
		p.detach, err = v.Bool()
	case "dry_run":
		p.dry, err = v.Bool()
	default:
		if err = p.restoreField(name, v); err == nil {
			err = p.diff.field(name, v)
		}
	}
	return err
}

func (p *snapshotParams) restoreField(name string, v eventlog.Value) (err *eventlog.FieldError) {
	r := &p.restore
	switch name {
	case "to_sequence":
		var n uint64
		n, err = v.Uint64()
		if r.ToSequence = eventlog.Seq(n); err == nil && n == 0 {
			err = eventlog.Refuse(eventlog.CodeOutOfRange, "")
		}
	case "to_time":
		r.ToTime, err = v.Moment()
	case "to_current":
		r.ToCurrent, err = v.Bool()
	case "undo":
		r.Undo, err = v.Bool()
	case "verify":
		r.Verify, err = v.Bool()
	}
	return err
}

func texts(v eventlog.Value) (out []string, err *eventlog.FieldError) {
	err = v.Array(func(one eventlog.Value) *eventlog.FieldError {
		text, err := one.Text()
		out = append(out, text)
		return err
	})
	return out, err
}

func (s *Service) snapshotList(_ context.Context, c call) (reply, error) {
	making := s.worker.Making() // asked first: what is completed meanwhile is among the others
	all, err := s.worker.Snapshots()
	if err != nil {
		s.logger.Error("a snapshot cannot be read", "err", err)
	}
	list := []any{}
	for _, m := range all {
		list = append(list, metadataOf(m))
	}
	for _, m := range making {
		if !slices.ContainsFunc(all, func(o *snapshotstore.Manifest) bool { return o.Name == m.Name }) {
			list = append(list, metadataOf(&m))
		}
	}
	p := pager{offset: c.request.Offset, limit: c.request.Limit, items: []any{}}
	for _, one := range list {
		if p.wants() {
			p.items = append(p.items, one)
		}
		p.seen++
	}
	return p.reply(), nil
}

func (s *Service) snapshotGet(_ context.Context, c call) (reply, error) {
	name := c.subject[strings.LastIndexByte(c.subject, '.')+1:]
	m, err := s.worker.snapshotOrCut(name)
	if err != nil {
		return reply{}, err
	}
	return reply{Data: metadataOf(m)}, nil
}

// SnapshotVerification is what verifying a snapshot found.
type SnapshotVerification struct {
	Name     string   `json:"name"`
	Sequence uint64   `json:"stream_sequence"`
	Digest   string   `json:"digest"`
	OK       bool     `json:"ok"`
	Problems []string `json:"problems"`
}

func (s *Service) snapshotVerify(ctx context.Context, c call) (reply, error) {
	p, err := parseSnapshot(c)
	if err != nil {
		return reply{}, err
	}
	m, err := s.worker.SnapshotNamed(p.wish.Name)
	if err != nil {
		return reply{}, err
	}
	done, err := s.slot(ctx)
	if err != nil {
		return reply{}, err
	}
	defer done()
	out := SnapshotVerification{Name: m.Name, Sequence: m.StreamSequence, Digest: m.Digest, Problems: s.worker.VerifySnapshot(ctx, m)}
	if err := context.Cause(ctx); err != nil {
		return reply{}, err
	}
	if out.OK = len(out.Problems) == 0; out.OK {
		out.Problems = []string{}
	}
	return reply{Data: out}, nil
}

func (s *Service) snapshotCreate(ctx context.Context, c call) (reply, error) {
	p, err := parseSnapshot(c)
	if err != nil {
		return reply{}, err
	}
	names, err := s.worker.known(p.wish.Only)
	if err != nil {
		return reply{}, err
	}
	for _, name := range names {
		if err := s.worker.WaitFor(ctx, name, c.minSequence); err != nil {
			return reply{}, err
		}
	}
	if p.detach {
		if err := s.worker.Cut(ctx, p.wish); err != nil {
			return reply{}, err
		}
		m, err := s.worker.snapshotOrCut(p.wish.Name)
		if err != nil {
			return reply{}, err
		}
		return reply{Data: metadataOf(m)}, nil
	}
	m, err := s.worker.Snapshot(ctx, p.wish)
	if errors.Is(err, ErrUnfinished) {
		return reply{}, projection.Fail(projection.Timeout, "snapshot %s is taken and is still being written; it is listed as complete when it is done",
			p.wish.Name)
	}
	if err != nil {
		return reply{}, err
	}
	return reply{Data: metadataOf(m)}, nil
}

// Removed is what removing snapshots did.
type Removed struct {
	Names []string `json:"names"`
	Freed int64    `json:"freed_bytes"`
	Dry   bool     `json:"dry_run"`
}

func (s *Service) snapshotDelete(_ context.Context, c call) (reply, error) {
	p, err := parseSnapshot(c)
	if err != nil {
		return reply{}, err
	}
	if len(p.names) == 0 {
		return reply{}, projection.Fail(projection.BadRequest, "no snapshot is named")
	}
	p.names = slices.Compact(slices.Sorted(slices.Values(p.names)))
	done, err := s.worker.RemoveSnapshots(p.names...)
	if err != nil {
		return reply{}, err
	}
	return reply{Data: Removed{Names: p.names, Freed: done.Freed - done.Written}}, nil
}

func (s *Service) snapshotPrune(_ context.Context, c call) (reply, error) {
	p, err := parseSnapshot(c)
	if err != nil {
		return reply{}, err
	}
	names, err := s.worker.Prune(p.dry)
	if err != nil {
		return reply{}, err
	}
	if names == nil {
		names = []string{}
	}
	return reply{Data: Removed{Names: names, Dry: p.dry}}, nil
}

// snapshotRetain changes "keep" and "hold" of the snapshot "name"; what is absent stays.
func (s *Service) snapshotRetain(_ context.Context, c call) (reply, error) {
	var name string
	var keep *Term
	var hold *bool
	err := c.request.Params.Object(func(field string, v eventlog.Value) (err *eventlog.FieldError) {
		if v.IsNull() {
			return nil
		}
		switch field {
		case "name":
			name, err = v.Text()
		case "keep":
			var text string
			text, err = v.Text()
			keep = (*Term)(&text)
		case "hold":
			var is bool
			is, err = v.Bool()
			hold = &is
		}
		return err.InIfAny(field)
	})
	switch {
	case err != nil:
		return reply{}, badField(err)
	case keep == nil && hold == nil:
		return reply{}, projection.Fail(projection.BadRequest, "neither keep nor hold is stated")
	}
	m, failed := s.worker.Retain(name, keep, hold)
	if failed != nil {
		return reply{}, failed
	}
	return reply{Data: metadataOf(m)}, nil
}

// RestoreReport is what a restore did, as it is shown.
type RestoreReport struct {
	Sequence   uint64 `json:"sequence"`
	Base       uint64 `json:"base_sequence"`
	Replayed   uint64 `json:"replayed"`
	Paused     bool   `json:"paused"`
	Generation uint64 `json:"generation"`
	TookUS     int64  `json:"took_us"`
}

func (s *Service) snapshotRestore(ctx context.Context, c call) (reply, error) {
	p, err := parseSnapshot(c)
	if err != nil {
		return reply{}, err
	}
	if err := p.restore.Validate(); err != nil {
		return reply{}, err
	}
	if p.dry {
		plan, err := s.worker.PlanRestore(ctx, p.restore)
		return reply{Data: plan}, err
	}
	r := s.jobs.start(s.base, "restore", func(ctx context.Context, progress func(applied, of uint64)) (any, error) {
		out, err := s.worker.Restore(ctx, p.restore, progress)
		return RestoreReport{
			Sequence: uint64(out.Sequence), Base: uint64(out.Base), Replayed: out.Replayed, Paused: out.Paused,
			Generation: out.Generation, TookUS: out.Time.Microseconds(),
		}, err
	})
	if p.detach {
		job, err := s.jobs.look(r.job.ID)
		return reply{Data: job}, err
	}
	job, err := s.jobs.wait(ctx, r)
	return reply{Data: job}, err
}

func (s *Service) jobGet(_ context.Context, c call) (reply, error) {
	p, err := parseSnapshot(c)
	if err != nil {
		return reply{}, err
	}
	job, err := s.jobs.look(p.id)
	return reply{Data: job}, err
}

// tellJob publishes the progress of a job.
func (s *Service) tellJob(j Job) {
	raw, err := json.Marshal(j)
	if err == nil {
		err = s.conn.Publish("projection.progress."+j.ID, raw)
	}
	if err != nil && s.base.Err() == nil {
		s.logger.Warn("progress could not be published", "job", j.ID, "err", err)
	}
}

// announce publishes that a snapshot is durable.
func (s *Service) announce(m *snapshotstore.Manifest) {
	raw, err := json.Marshal(metadataOf(m))
	if err == nil {
		err = s.conn.Publish("snapshot.metadata."+m.Name, raw)
	}
	if err != nil {
		s.logger.Warn("a snapshot could not be announced", "name", m.Name, "err", err)
	}
}
