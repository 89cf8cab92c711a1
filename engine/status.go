package engine

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
)

// Status is the worker as a person or a program sees it. Times are RFC 3339; what was never set is null.
type Status struct {
	Worker      WorkerStatus       `json:"worker"`
	Stream      *StreamStatus      `json:"stream"` // null where the stream cannot be asked
	Projections []ProjectionStatus `json:"projections"`
	Snapshots   SnapshotsStatus    `json:"snapshots"`
}

// SnapshotsStatus is the snapshots, and what else is kept beside the live state.
type SnapshotsStatus struct {
	Count  int          `json:"count"`
	Newest *string      `json:"newest"`
	At     *uint64      `json:"newest_sequence"`
	Making []string     `json:"making"` // taken, and not yet complete
	Bytes  int64        `json:"bytes"`  // of chunks on disk, shared with the live state
	Undo   *UndoStatus  `json:"undo"`   // what a restore --undo would bring back
	Drill  *Drill       `json:"drill"`  // the last trial of a snapshot
	Shelf  *ShelfStatus `json:"shelf"`  // where copies are kept; null for nowhere
	Error  *string      `json:"error"`  // what is wrong with a snapshot that cannot be read
}

// UndoStatus is what a restore replaced.
type UndoStatus struct {
	Before   string    `json:"before"` // what took its place
	Since    time.Time `json:"since"`
	Sequence uint64    `json:"sequence"`
	Problem  *string   `json:"problem"` // why it could not be brought back
}

func (w *Worker) snapshotsStatus() SnapshotsStatus {
	s := SnapshotsStatus{Making: []string{}, Bytes: w.store.ChunkBytes(), Drill: w.keeper.lastDrill(), Shelf: w.shelver.look()}
	all, err := w.store.Snapshots()
	if err != nil {
		s.Error = text(err.Error())
	}
	if s.Count = len(all); s.Count > 0 {
		newest := all[s.Count-1]
		s.Newest, s.At = &newest.Name, &newest.StreamSequence
	}
	for _, m := range w.store.Cuts() {
		s.Making = append(s.Making, m.Name)
	}
	if u, err := w.store.Undoable(); !errors.Is(err, projection.ErrNoUndo) {
		s.Undo = &UndoStatus{Before: u.Before, Since: u.Since, Sequence: uint64(u.At)}
		if err != nil {
			s.Undo.Problem = text(err.Error())
		}
	}
	return s
}

// WorkerStatus is the process.
type WorkerStatus struct {
	Name      string    `json:"name"`
	Version   string    `json:"version"`
	PID       int       `json:"pid"`
	StartedAt time.Time `json:"started_at"`
	Data      string    `json:"data"`
}

// StreamStatus is the history as the log holds it.
type StreamStatus struct {
	Name          string    `json:"name"`
	Created       time.Time `json:"created"`
	FirstSequence uint64    `json:"first_sequence"`
	LastSequence  uint64    `json:"last_sequence"`
	Messages      uint64    `json:"messages"`
	Bytes         uint64    `json:"bytes"`
}

// ProjectionStatus is one projection.
type ProjectionStatus struct {
	Name            string    `json:"name"`
	State           State     `json:"state"`
	Since           time.Time `json:"since"`
	Reason          *string   `json:"reason"`
	Version         int       `json:"version"`
	Generation      uint64    `json:"generation"`
	AppliedSequence uint64    `json:"applied_sequence"`
	LagEvents       *uint64   `json:"lag_events"`  // an upper bound where sequences are missing; null where the stream cannot be asked
	LagSeconds      *float64  `json:"lag_seconds"` // now minus the broker time of the oldest event that is not applied
	Rate            float64   `json:"rate"`        // events a second over the last ten
	DeadLetters     uint64    `json:"dead_letters"`
	Anomalies       uint64    `json:"anomalies"`
	UnknownTypes    uint64    `json:"unknown_types"`
	LastError       *string   `json:"last_error"`
}

// statusTimeout bounds how long status waits for the stream.
const statusTimeout = 2 * time.Second

// Status looks at everything now. Where the stream cannot be asked, what depends on it is null.
func (w *Worker) Status(ctx context.Context) (Status, error) {
	s := Status{Worker: WorkerStatus{
		Name: w.config.Name, Version: w.config.Version, PID: os.Getpid(), StartedAt: w.started, Data: w.config.Data,
	}}
	s.Snapshots = w.snapshotsStatus()
	asking, cancel := context.WithTimeout(ctx, statusTimeout)
	defer cancel()
	bounds, err := w.config.Log.Bounds(asking)
	if err == nil {
		s.Stream = &StreamStatus{
			Name: bounds.Stream.Name, Created: bounds.Stream.Created.Std(), FirstSequence: uint64(bounds.First),
			LastSequence: uint64(bounds.Last), Messages: bounds.Messages, Bytes: bounds.Bytes,
		}
	}
	for _, p := range w.config.Projections {
		e, _, _ := w.board.look(p.Name())
		one, err := w.projectionStatus(p.Name(), p.Version(), &e)
		if err != nil {
			return Status{}, err
		}
		if s.Stream != nil {
			w.measureLag(asking, &one, &e, bounds)
		}
		s.Projections = append(s.Projections, one)
	}
	return s, nil
}

func (w *Worker) projectionStatus(name string, version int, e *entry) (ProjectionStatus, error) {
	v, err := w.store.View(name)
	if err != nil {
		return ProjectionStatus{}, err
	}
	defer v.Close()
	now := time.Now()
	counts, at := v.Counts(), v.At()
	if err := v.Err(); err != nil {
		return ProjectionStatus{}, err
	}
	out := ProjectionStatus{
		Name: name, State: e.shown(now, 0), Since: e.since.UTC(), Version: version, AppliedSequence: uint64(at.Seq),
		Rate: e.rate.perSecond(now), DeadLetters: counts.DeadLetters, Anomalies: counts.Anomalies, UnknownTypes: counts.UnknownType,
		Reason: text(e.reason), LastError: text(e.lastError),
	}
	out.Generation = w.store.Generation(name)
	return out, nil
}

func text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// measureLag fills in how far a projection is behind, and the state that only the lag tells.
func (w *Worker) measureLag(ctx context.Context, p *ProjectionStatus, e *entry, bounds eventlog.Bounds) {
	var lag uint64
	if last := uint64(bounds.Last); last > p.AppliedSequence {
		lag = last - p.AppliedSequence
	}
	seconds := 0.0
	if lag > 0 {
		r, err := w.config.Log.Seek(ctx, eventlog.Seq(p.AppliedSequence)+1)
		switch {
		case errors.Is(err, eventlog.ErrNotFound):
			lag = 0 // only missing sequences are left
		case err != nil:
			return
		default:
			seconds = max(0, time.Since(r.Time.Std()).Seconds())
		}
	}
	p.LagEvents, p.LagSeconds = &lag, &seconds
	p.State = e.shown(time.Now(), lag)
	if e.open && p.Reason == nil {
		p.Reason = text("open batch: the rest of an atomic batch has not come")
	}
}

// Digest is what Verify found of one projection.
type Digest struct {
	Name          string   `json:"name"`
	Version       int      `json:"version"`
	Sequence      uint64   `json:"sequence"`
	Digest        string   `json:"digest"`
	RecordsDigest string   `json:"records_digest"` // of dead letters and anomalies
	Rows          uint64   `json:"rows"`
	OK            bool     `json:"ok"`
	Problems      []string `json:"problems"`
}

// Verification is the structure and digests of what is live.
type Verification struct {
	Projections []Digest `json:"projections"`
}
