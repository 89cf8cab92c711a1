package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/snapshotstore"
)

// shelver keeps copies of the snapshots on a shelf, where they outlive the machine. What is removed here by name or by its term is
// removed there as well, also after a restart; what is only there stays.
type shelver struct {
	config *Config
	store  *projection.Store
	work   chan struct{} // has a token when there may be something to do

	// What follows belongs to the goroutine that start begins.
	known map[string]*snapshotstore.Manifest // what the shelf has, as far as is known
	sure  bool                               // that is so; else it has to be asked
	swept time.Time                          // when what was broken off there was last removed
	told  string                             // the error that was logged last

	mu      sync.Mutex // protects the fields below
	status  ShelfStatus
	leaving map[string]int // by name, removals that are under way here
}

// ShelfStatus is what is known of the shelf.
type ShelfStatus struct {
	Pushed    int        `json:"pushed"`   // since the worker started
	Waiting   int        `json:"waiting"`  // snapshots that are not there yet, as far as is known
	Removing  int        `json:"removing"` // snapshots that were removed here and not there yet
	LastPush  *time.Time `json:"last_push"`
	LastError *string    `json:"last_error"`
}

// How long to wait before the shelf is tried again, and how often what broken-off copies left there is removed.
const (
	shelfRetryLeast = time.Second
	shelfRetryMost  = time.Minute
	sweepEvery      = time.Hour
)

// sweeper is a shelf that has to be rid of what broken-off copies left.
type sweeper interface {
	Sweep(ctx context.Context, idle time.Duration) (int, error)
}

func newShelver(c *Config, s *projection.Store) *shelver {
	h := &shelver{config: c, store: s, work: make(chan struct{}, 1), leaving: map[string]int{}}
	if c.Shelf != nil {
		all, _ := s.Snapshots() // what cannot be read is said when the shelf is looked at
		h.count(len(all))
	}
	return h
}

// wake says that there may be something to do.
func (h *shelver) wake() {
	select {
	case h.work <- struct{}{}:
	default:
	}
}

// start keeps the shelf until ctx ends. It returns a func that waits for the end.
func (h *shelver) start(ctx context.Context) (wait func()) {
	var running sync.WaitGroup
	if h.config.Shelf == nil {
		return running.Wait
	}
	h.wake() // something may be left from before
	running.Go(func() { h.run(ctx) })
	return running.Wait
}

func (h *shelver) run(ctx context.Context) {
	retry := backoff{least: shelfRetryLeast, most: shelfRetryMost}
	var again <-chan time.Time
	for {
		select {
		case <-h.work:
		case <-again:
		case <-ctx.Done():
			return
		}
		again = nil
		err := h.keep(ctx)
		if ctx.Err() != nil {
			return
		}
		if h.note(err); err != nil {
			h.sure = false
			again = time.After(retry.next())
			continue
		}
		retry.reset()
	}
}

// note keeps what went wrong, and logs it when it is something else than before.
func (h *shelver) note(err error) {
	now := ""
	if err != nil {
		now = err.Error()
	}
	switch {
	case now == h.told:
	case err != nil:
		h.config.Logger.Warn("the shelf is not as it should be yet; it is tried again", "err", err)
	default:
		h.config.Logger.Info("the shelf is as it should be again")
	}
	h.told = now
	h.mu.Lock()
	defer h.mu.Unlock()
	h.status.LastError = text(now)
}

// keep makes the shelf what it should be: without what was removed here, and with every snapshot that is not there.
func (h *shelver) keep(ctx context.Context) error {
	all, unreadable := h.store.Snapshots()
	leaving, err := h.store.Removals()
	if err != nil {
		return err
	}
	h.count(len(h.missing(all)))
	if !h.sure {
		if err := h.ask(ctx); err != nil {
			return err
		}
	}
	err = h.dropAll(ctx, leaving)
	if err != nil && !ofOne(err) {
		return err
	}
	return errors.Join(unreadable, err, h.pushAll(ctx, all), h.sweep(ctx))
}

// ask reads what the shelf has. What cannot be read there does not keep the rest back.
func (h *shelver) ask(ctx context.Context) error {
	there, err := snapshotstore.Shelved(ctx, h.config.Shelf)
	if err != nil && !ofOne(err) {
		return err
	}
	h.known = map[string]*snapshotstore.Manifest{}
	for _, m := range there {
		h.known[m.Name] = m
	}
	h.sure = true
	return nil // whoever wants the one that cannot be read will say so
}

// ofOne tells whether an error is about one snapshot, so that the shelf can be used for others.
func ofOne(err error) bool {
	_, damaged := errors.AsType[*snapshotstore.DamageError](err)
	_, missing := errors.AsType[*snapshotstore.MissingError](err)
	return damaged || missing || errors.Is(err, snapshotstore.ErrNameUsed) || errors.Is(err, snapshotstore.ErrShelfConflict)
}

// missing returns the snapshots that are not on the shelf as far as is known, or are others there.
func (h *shelver) missing(all []*snapshotstore.Manifest) (out []*snapshotstore.Manifest) {
	for _, m := range all {
		if there := h.known[m.Name]; there == nil || !projection.SameSnapshot(there, m) {
			out = append(out, m)
		}
	}
	return out
}

func (h *shelver) count(waiting int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.status.Waiting = waiting
}

// pushAll puts on the shelf what is not there, the oldest first. What is wrong with one does not keep the others back.
func (h *shelver) pushAll(ctx context.Context, all []*snapshotstore.Manifest) error {
	waiting := h.missing(all)
	left := len(waiting)
	var errs []error
	for _, m := range waiting {
		h.count(left)
		err := h.push(ctx, m)
		if err != nil {
			errs = append(errs, err)
			if !ofOne(err) {
				break
			}
			continue
		}
		left--
	}
	h.count(left)
	return errors.Join(errs...)
}

func (h *shelver) push(ctx context.Context, m *snapshotstore.Manifest) error {
	if h.known[m.Name] != nil {
		return fmt.Errorf("%w: the shelf has another snapshot %s, which stays; remove that one there, or this one here",
			snapshotstore.ErrNameUsed, m.Name)
	}
	done, err := h.store.Push(ctx, h.config.Shelf, m.Name, nil)
	if errors.Is(err, snapshotstore.ErrNoName) {
		return nil // it was removed meanwhile
	}
	if err != nil {
		return err
	}
	h.known[m.Name] = m
	h.config.Logger.Info("a snapshot was put on the shelf", "name", m.Name, "bytes", done.Bytes)
	now := time.Now().UTC()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.status.Pushed++
	h.status.LastPush = &now
	return nil
}

// sweep removes from time to time what broken-off copies left.
func (h *shelver) sweep(ctx context.Context) error {
	s, ok := h.config.Shelf.(sweeper)
	if !ok || time.Since(h.swept) < sweepEvery {
		return nil
	}
	n, err := s.Sweep(ctx, sweepEvery)
	if err != nil {
		return err
	}
	h.swept = time.Now()
	if n > 0 {
		h.config.Logger.Info("what broken-off copies left on the shelf was removed", "copies", n)
	}
	return nil
}

// remove runs what removes these snapshots here, and has their copies removed from the shelf: as soon as it can be reached, also when
// the worker stops before.
func (h *shelver) remove(all []*snapshotstore.Manifest, run func() error) error {
	if h.config.Shelf == nil {
		return run()
	}
	h.leave(all, 1)
	defer h.wake()
	defer h.leave(all, -1)
	var notes []projection.Removal
	for _, m := range all {
		notes = append(notes, removalOf(m))
	}
	if err := h.store.NoteRemovals(notes); err != nil {
		return err
	}
	return run()
}

// leave notes that removals have begun here, or have ended: until then the copies stay, since what is removed there and is still here
// would be put back.
func (h *shelver) leave(all []*snapshotstore.Manifest, n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, m := range all {
		if h.leaving[m.Name] += n; h.leaving[m.Name] == 0 {
			delete(h.leaving, m.Name)
		}
	}
}

func removalOf(m *snapshotstore.Manifest) projection.Removal {
	return projection.Removal{
		Name: m.Name, Digest: m.Digest, Stream: m.StreamName, Created: m.StreamCreated.UnixNano(), Seq: m.StreamSequence,
	}
}

// dropAll takes what was removed here off the shelf.
func (h *shelver) dropAll(ctx context.Context, leaving []projection.Removal) error {
	var errs []error
	for _, r := range leaving {
		h.mu.Lock()
		under := h.leaving[r.Name] > 0
		h.mu.Unlock()
		if under {
			continue // it is tried again when that is done
		}
		if err := h.drop(ctx, r); err != nil {
			errs = append(errs, err)
			if !ofOne(err) {
				break
			}
		}
	}
	return errors.Join(errs...)
}

// drop takes one snapshot off the shelf, unless it is still here, where its removal failed, or is another one there.
func (h *shelver) drop(ctx context.Context, r projection.Removal) error {
	here, err := h.store.Snapshot(r.Name)
	kept := err == nil && removes(r, here)
	if there := h.known[r.Name]; !kept && there != nil && removes(r, there) {
		if err := snapshotstore.Unshelve(ctx, h.config.Shelf, r.Name); err != nil && !errors.Is(err, snapshotstore.ErrNoName) {
			return err
		}
		delete(h.known, r.Name)
		h.config.Logger.Info("a snapshot was taken off the shelf", "name", r.Name)
	}
	return h.store.ForgetRemoval(r)
}

// removes tells whether a removal is of this snapshot. One that was removed while it was being made has no digest.
func removes(r projection.Removal, m *snapshotstore.Manifest) bool {
	have := removalOf(m)
	if r.Digest == "" {
		have.Digest = ""
	}
	return have == r
}

func (h *shelver) look() *ShelfStatus {
	if h.config.Shelf == nil {
		return nil
	}
	h.mu.Lock()
	s := h.status
	h.mu.Unlock()
	leaving, err := h.store.Removals()
	if s.Removing = len(leaving); err != nil {
		s.LastError = text(err.Error())
	}
	return &s
}
