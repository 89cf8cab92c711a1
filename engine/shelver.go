package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/snapshotstore"
)

// shelver keeps copies of the snapshots on a shelf, where they outlive the machine. What is removed here by name or by its term is
// removed there as well; what is only there stays.
type shelver struct {
	config *Config
	store  *projection.Store
	work   chan struct{} // has a token when there may be something to push

	mu      sync.Mutex // protects the fields below
	status  ShelfStatus
	dropped []string // that were removed here, and are to be removed there
}

// ShelfStatus is what is known of the shelf.
type ShelfStatus struct {
	Pushed    int        `json:"pushed"`  // since the worker started
	Waiting   int        `json:"waiting"` // snapshots that are not there yet
	LastPush  *time.Time `json:"last_push"`
	LastError *string    `json:"last_error"`
}

func newShelver(c *Config, s *projection.Store) *shelver {
	return &shelver{config: c, store: s, work: make(chan struct{}, 1)}
}

// wake says that there may be something to push.
func (h *shelver) wake() {
	select {
	case h.work <- struct{}{}:
	default:
	}
}

// start pushes until ctx ends. It returns a func that waits for the end.
func (h *shelver) start(ctx context.Context) (wait func()) {
	var running sync.WaitGroup
	if h.config.Shelf == nil {
		return running.Wait
	}
	h.wake() // something may be left from before
	running.Go(func() {
		retry := backoff{least: time.Second, most: time.Minute}
		for {
			select {
			case <-h.work:
			case <-ctx.Done():
				return
			}
			err := h.pushAll(ctx)
			h.note(err)
			if err == nil {
				retry.reset()
				continue
			}
			if ctx.Err() != nil || pause(ctx, retry.next()) != nil {
				return
			}
			h.config.Logger.Warn("a snapshot could not be put on the shelf yet", "err", err)
			h.wake()
		}
	})
	return running.Wait
}

func (h *shelver) note(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.status.LastError = nil
	if err != nil {
		h.status.LastError = text(err.Error())
	}
}

// pushAll makes the shelf what it should be: without what was removed here, and with every snapshot that is not there.
func (h *shelver) pushAll(ctx context.Context) error {
	if err := h.dropAll(ctx); err != nil {
		return err
	}
	waiting, err := h.missing(ctx)
	for i, name := range waiting {
		h.mu.Lock()
		h.status.Waiting = len(waiting) - i
		h.mu.Unlock()
		done, pushErr := h.store.Push(ctx, h.config.Shelf, name, nil)
		if errors.Is(pushErr, snapshotstore.ErrNoName) {
			continue // it was removed meanwhile
		}
		if pushErr != nil {
			return errors.Join(err, pushErr)
		}
		h.config.Logger.Info("a snapshot was put on the shelf", "name", name, "bytes", done.Bytes)
		now := time.Now().UTC()
		h.mu.Lock()
		h.status.Pushed, h.status.LastPush, h.status.Waiting = h.status.Pushed+1, &now, len(waiting)-i-1
		h.mu.Unlock()
	}
	return err
}

// missing returns the snapshots that are not on the shelf, the oldest first. One of the same name that is another one is an error,
// which does not keep the others back.
func (h *shelver) missing(ctx context.Context) ([]string, error) {
	there, err := snapshotstore.Shelved(ctx, h.config.Shelf)
	if err != nil {
		return nil, err
	}
	digests := map[string]string{}
	for _, m := range there {
		digests[m.Name] = m.Digest
	}
	all, err := h.store.Snapshots()
	var out []string
	for _, m := range all {
		switch digest, ok := digests[m.Name]; {
		case !ok:
			out = append(out, m.Name)
		case digest != m.Digest:
			err = errors.Join(err, fmt.Errorf("the shelf has another snapshot %s; remove one of them, or name another shelf", m.Name))
		}
	}
	return out, err
}

// drop takes snapshots off the shelf, as soon as it can be reached. What was not done when the worker stops stays there.
func (h *shelver) drop(names []string) {
	if h.config.Shelf == nil {
		return
	}
	h.mu.Lock()
	h.dropped = append(h.dropped, names...)
	h.mu.Unlock()
	h.wake()
}

// dropAll takes what was removed off the shelf.
func (h *shelver) dropAll(ctx context.Context) error {
	h.mu.Lock()
	names := slices.Clone(h.dropped)
	h.mu.Unlock()
	for _, name := range names {
		err := snapshotstore.Unshelve(ctx, h.config.Shelf, name)
		if err != nil && !errors.Is(err, snapshotstore.ErrNoName) {
			return err
		}
		h.mu.Lock()
		h.dropped = slices.DeleteFunc(h.dropped, func(o string) bool { return o == name })
		h.mu.Unlock()
	}
	return nil
}

func (h *shelver) look() *ShelfStatus {
	if h.config.Shelf == nil {
		return nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	s := h.status
	return &s
}

// BeginFrom says where the state of an empty data directory comes from: a snapshot of a shelf by name, "latest" for the one with the
// highest sequence, or an exported file.
type BeginFrom struct {
	Snapshot string
	File     io.Reader
}

// Latest stands for the snapshot with the highest sequence.
const Latest = "latest"

// ErrNotEmpty says that a data directory already has a state.
var ErrNotEmpty = errors.New("engine: the data directory is not empty; a worker begins from a snapshot only where nothing is yet; " +
	"use restore to put an existing one there")

// Begin puts a snapshot in place as the first state of an empty data directory, and returns its manifest. It is called before Run,
// which goes on from there. Versions that do not fit are refused.
func (w *Worker) Begin(ctx context.Context, from BeginFrom, progress snapshotstore.Progress) (*snapshotstore.Manifest, error) {
	fresh, err := w.store.Fresh()
	if err != nil {
		return nil, err
	}
	if !fresh {
		return nil, ErrNotEmpty
	}
	m, err := w.bring(ctx, from, progress)
	if err != nil {
		return nil, err
	}
	starts, ok := w.fits(m)
	if !ok {
		return nil, fmt.Errorf("%w: snapshot %s does not have all of %v in the versions of this build; start without it, "+
			"and the models are made from history", projection.ErrOtherVersion, m.Name, w.names())
	}
	if err := w.store.Switch(starts, "start from snapshot "+m.Name); err != nil {
		return nil, err
	}
	if err := w.store.DropUndo(); err != nil {
		return nil, err
	}
	for _, name := range w.names() {
		w.board.place(name, eventlog.Seq(m.StreamSequence))
	}
	return m, nil
}

func (w *Worker) bring(ctx context.Context, from BeginFrom, progress snapshotstore.Progress) (*snapshotstore.Manifest, error) {
	if from.File != nil {
		return w.store.Import(ctx, from.File, "", progress)
	}
	if w.config.Shelf == nil {
		return nil, errors.New("engine: no shelf is configured to begin from; name a file, or configure a shelf")
	}
	name := from.Snapshot
	if name == Latest {
		there, err := snapshotstore.Shelved(ctx, w.config.Shelf)
		if err != nil {
			return nil, err
		}
		var newest *snapshotstore.Manifest
		for _, m := range there {
			if newest == nil || m.StreamSequence > newest.StreamSequence ||
				m.StreamSequence == newest.StreamSequence && m.CreatedAt.After(newest.CreatedAt) {
				newest = m
			}
		}
		if newest == nil {
			return nil, fmt.Errorf("%w: the shelf has none", snapshotstore.ErrNoName)
		}
		name = newest.Name
	}
	return w.store.Pull(ctx, w.config.Shelf, name, progress)
}
