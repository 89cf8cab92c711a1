package projection

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/snapshotstore"
)

// Store owns a data directory: what is live, the deltas, and the facts beside them. It is safe for concurrent use; each
// group is written by one goroutine at a time.
type Store struct {
	config Config
	lock   *lock
	facts  *facts
	tables map[string][]*bound // of each configured projection
	base   func(string) Base   // of each projection, while mu is held
	chunks *snapshotstore.Store
	names  *snapshotstore.Names
	bases  map[string]*treeBase // those that LIVE names, by root; protected by mu
	parent *Store               // that this one branches off; nil for none
	holds  []func()             // of a branch: give up the bases; protected by maintenance

	damaged map[uint64]bool // deltas that only what can be undone needs, and that cannot be folded; protected by folds

	reach     sync.Mutex      // held while unreachable chunks are collected, and by whoever gives up what it reached by itself
	pinning   sync.Mutex      // protects the fields below
	pinned    map[string]int  // bases that are being read, by root
	spares    map[string]bool // the commits that the collection under way was told of; nil where none runs
	collected int64           // bytes of chunks after the last collection
	branches  int             // that were ever made

	folds    sync.Mutex     // held while a delta is folded; taken before maintenance
	retiring sync.WaitGroup // of the goroutines that remove folded deltas

	maintenance sync.Mutex // held by whoever changes LIVE or opens and closes deltas; taken before mu

	mu     sync.RWMutex // protects the fields below; nothing waits and nothing is written while it is held
	spare  *delta       // made ahead of its use, nil for none; protected by maintenance alone
	before *live        // the predecessor of live; protected by maintenance alone
	live   *live        // changed while maintenance is held too, which is enough to read it
	deltas map[uint64]*delta
	groups []*Group
	failed error // why nothing works any more: nobody knows which LIVE is on the disk
	closed bool
}

var errClosed = errors.New("projection: the store is closed")

// Open locks a data directory and opens what is live in it, or starts an empty one. Every file is read whole first.
// Files that are missing, damaged or foreign are refused by name with a DamageError, and left as they are; a directory
// that another process holds is refused with a LockedError.
func Open(config Config) (*Store, error) {
	config = config.withDefaults()
	if err := config.Validate(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Join(config.Dir, deltasDir), 0o700); err != nil {
		return nil, fmt.Errorf("make data directory: %w", err)
	}
	held, err := takeLock(config.Dir, config.Worker)
	if err != nil {
		return nil, err
	}
	s := &Store{
		config: config, lock: held, deltas: map[uint64]*delta{}, tables: map[string][]*bound{}, pinned: map[string]int{},
		damaged: map[uint64]bool{},
	}
	s.base = s.treeOf
	for _, p := range config.Projections {
		s.tables[p.Name()] = bind(p.Name(), p.Schema())
	}
	if err := s.open(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// The folders of a data directory.
const (
	deltasDir    = "deltas"
	chunksDir    = "chunks"
	snapshotsDir = "snapshots"
)

func (s *Store) open() (err error) {
	s.maintenance.Lock()
	defer s.maintenance.Unlock()
	if err := os.RemoveAll(filepath.Join(s.config.Dir, ScratchDir)); err != nil {
		return fmt.Errorf("remove what branches left: %w", err)
	}
	s.chunks, err = snapshotstore.OpenStore(filepath.Join(s.config.Dir, chunksDir), s.config.CacheBytes/2, s.config.Logger)
	if err != nil {
		return err
	}
	s.collected = s.chunks.Bytes()
	if s.names, err = snapshotstore.OpenNames(filepath.Join(s.config.Dir, snapshotsDir)); err != nil {
		return err
	}
	if s.live, err = readLive(s.config.Dir); err != nil {
		return err
	}
	s.before = s.readPrevious()
	if s.live == nil {
		err = s.begin()
	} else {
		err = s.resume()
	}
	if err != nil {
		return err
	}
	if err := s.openBases(); err != nil {
		return err
	}
	if err := s.openDeltas(); err != nil {
		return err
	}
	if err := s.dropUnnamed(); err != nil {
		return err
	}
	if err := s.matchProjections(); err != nil {
		return err
	}
	s.regroup()
	_, err = s.nameCuts()
	return err
}

// begin starts an empty data directory. Nothing may be in it that a LIVE could have named.
func (s *Store) begin() error {
	found, err := s.deltaFiles()
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(s.config.Dir, livePrev)); err == nil {
		found = append(found, livePrev)
	}
	if len(found) > 0 {
		return &DamageError{File: filepath.Join(s.config.Dir, liveFile), Detail: fmt.Sprintf("it is missing, and %s is there", found[0])}
	}
	if s.facts, err = openFacts(s.config.Dir, "", nil); err != nil {
		return err
	}
	s.live = &live{Counter: 1, Directory: s.facts.directory, NextDelta: 1}
	return writeLive(s.config.Dir, s.live)
}

// resume opens the facts beside an existing LIVE.
func (s *Store) resume() (err error) {
	var names []string
	for _, p := range s.live.Projections {
		names = append(names, p.Name)
	}
	s.facts, err = openFacts(s.config.Dir, s.live.Directory, names)
	return err
}

// deltaFiles returns the names of the delta files that are there.
func (s *Store) deltaFiles() ([]string, error) {
	dir := filepath.Join(s.config.Dir, deltasDir)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", dir, err)
	}
	var out []string
	for _, e := range entries {
		if _, ok := parseDeltaName(strings.TrimSuffix(e.Name(), ".tmp")); ok {
			out = append(out, e.Name())
		}
	}
	return out, nil
}

// dropUnnamed removes deltas that LIVE does not name: leftovers of an interrupted step. One that was made after this
// LIVE is no leftover: then LIVE is an old one that was put back, and what it does not name may be all there is.
func (s *Store) dropUnnamed() error {
	names, err := s.deltaFiles()
	if err != nil {
		return err
	}
	var leftovers []string
	for _, name := range names {
		id, _ := parseDeltaName(strings.TrimSuffix(name, ".tmp"))
		if id >= s.live.NextDelta {
			return &DamageError{File: filepath.Join(s.config.Dir, liveFile), Detail: fmt.Sprintf("it is older than %s", name)}
		}
		if strings.HasSuffix(name, ".tmp") || !slices.ContainsFunc(s.live.Deltas, func(d liveDelta) bool { return d.ID == id }) {
			leftovers = append(leftovers, name)
		}
	}
	for _, name := range leftovers {
		s.config.Logger.Info("removed a file that LIVE does not name", "file", name)
		if err := os.Remove(filepath.Join(s.config.Dir, deltasDir, name)); err != nil {
			return fmt.Errorf("remove a leftover: %w", err)
		}
	}
	return nil
}

// openBases reads the commits of the bases that LIVE names.
func (s *Store) openBases() (err error) {
	s.bases, err = s.basesOf(s.live)
	return err
}

// basesOf reads the commits of the bases that a LIVE names, or takes them from those that are open. s.maintenance must be held.
func (s *Store) basesOf(l *live) (map[string]*treeBase, error) {
	bases := map[string]*treeBase{}
	for _, p := range l.Projections {
		if p.Base == "" || bases[p.Base] != nil {
			continue
		}
		b := s.bases[p.Base]
		if b == nil {
			var err error
			if b, err = openTree(s.chunks, p.Base); err != nil {
				return nil, &DamageError{File: filepath.Join(s.config.Dir, chunksDir), Detail: fmt.Sprintf("the base of %s is not whole: %s", p.Name, err)}
			}
		}
		bases[p.Base] = b
	}
	return bases, nil
}

// treeOf returns the base of a projection. s.mu must be held.
func (s *Store) treeOf(name string) Base {
	if b := s.bases[s.live.projection(name).Base]; b != nil {
		return b
	}
	return EmptyBase{}
}

func (s *Store) openDeltas() error {
	for _, ld := range s.live.Deltas {
		d, err := s.openDelta(ld)
		if _, damaged := errors.AsType[*DamageError](err); damaged && s.live.undone(ld.ID) {
			s.config.Logger.Error("what was live before the last switch cannot be brought back", "err", err)
			continue
		}
		if err != nil {
			return err
		}
		s.deltas[ld.ID] = d
	}
	return nil
}

// undone tells whether only what can be undone needs a delta.
func (l *live) undone(id uint64) bool {
	return !slices.ContainsFunc(l.Projections, func(p liveProjection) bool { return slices.Contains(p.Deltas, id) })
}

// openDelta opens a delta and holds its checkpoint against LIVE.
func (s *Store) openDelta(ld liveDelta) (*delta, error) {
	d, err := openDelta(filepath.Join(s.config.Dir, deltasDir), s.live.Directory, ld.ID)
	if err != nil {
		return nil, err
	}
	at, err := d.checkpoint()
	if err == nil && at.Seq < ld.Floor {
		err = &DamageError{File: d.path, Detail: fmt.Sprintf("its checkpoint is %s, and LIVE knows that it was at %s", at.Seq, ld.Floor)}
	}
	if err != nil {
		return nil, errors.Join(err, d.close())
	}
	return d, nil
}

// matchProjections holds LIVE against the configured projections: new ones get a delta at the beginning of the history,
// ones that are not configured any more are set aside at their position, another version is refused.
func (s *Store) matchProjections() error {
	var fresh []liveProjection
	for _, p := range s.config.Projections {
		have := s.live.projection(p.Name())
		if have == nil {
			fresh = append(fresh, liveProjection{
				Name: p.Name(), Version: p.Version(), Decoder: s.config.Decoder.Fingerprint(), Generation: 1,
			})
			continue
		}
		if now := s.config.Decoder.Fingerprint(); have.Decoder != now {
			return fmt.Errorf("projection: %s was made from events as decoder and mapping %s read them, and now it is %s; "+
				"go back to that one, or project again from the first event into another data directory", p.Name(), have.Decoder, now)
		}
		if have.Version != p.Version() {
			return fmt.Errorf("projection: %s is stored in version %d and this build has version %d; "+
				"project it again from the first event into another data directory", p.Name(), have.Version, p.Version())
		}
	}
	if len(fresh) > 0 {
		if err := s.addGroup(fresh, &Checkpoint{}, nil); err != nil {
			return err
		}
	}
	return s.setAside()
}

// setAside gives the projections that are not configured deltas of their own, so that the rest can go on without them.
func (s *Store) setAside() error {
	for _, p := range slices.Clone(s.live.Projections) {
		if s.configured(p.Name) != nil || !s.sharesDelta(p) {
			continue
		}
		at, err := s.deltas[p.Deltas[0]].checkpoint()
		if err != nil {
			return err
		}
		if err := s.addGroup([]liveProjection{p}, &at, nil); err != nil {
			return err
		}
	}
	return nil
}

// sharesDelta tells whether another projection writes the one that this one writes, or has left it and waits for it to be folded.
func (s *Store) sharesDelta(p liveProjection) bool {
	return slices.ContainsFunc(s.live.Projections, func(o liveProjection) bool {
		return o.Name != p.Name && slices.Contains(o.Deltas, p.Deltas[0])
	})
}

func (s *Store) configured(name string) Projection {
	for _, p := range s.config.Projections {
		if p.Name() == name {
			return p
		}
	}
	return nil
}

// usable fails where nothing may be changed any more. s.maintenance must be held.
func (s *Store) usable() error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return errClosed
	}
	return s.failed
}

// Close closes everything. It is idempotent. Folds and views must be closed first: it waits for them, and for a collection.
func (s *Store) Close() error {
	s.folds.Lock()
	defer s.folds.Unlock()
	s.reach.Lock()
	defer s.reach.Unlock()
	s.maintenance.Lock()
	defer s.maintenance.Unlock()
	if s.shut() {
		return nil
	}
	s.retiring.Wait()
	var errs []error
	for _, d := range s.deltas {
		errs = append(errs, d.close())
	}
	if s.spare != nil {
		errs = append(errs, s.spare.close(), unlink(s.spare))
	}
	if s.facts != nil {
		errs = append(errs, s.facts.close())
	}
	if s.parent != nil {
		release(s.holds)
		return errors.Join(append(errs, os.RemoveAll(s.config.Dir))...)
	}
	if s.chunks != nil {
		errs = append(errs, s.chunks.Close())
	}
	errs = append(errs, s.lock.release())
	return errors.Join(errs...)
}

// Closed tells whether Close was called.
func (s *Store) Closed() bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.closed
}

// shut makes every later call fail, and tells whether it was so before.
func (s *Store) shut() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	was := s.closed
	s.closed = true
	return was
}

// Paused returns the paused projections. Nothing is paused in a branch.
func (s *Store) Paused() (map[string]Pause, error) {
	if s.parent != nil {
		return nil, nil
	}
	return s.facts.paused()
}

// SetPaused stores that projections are paused, or that they are not when p is nil. It outlives a restart.
func (s *Store) SetPaused(names []string, p *Pause) error {
	if s.parent != nil {
		return errBranch
	}
	return s.facts.setPaused(names, p)
}

// Generation returns a projection's generation: it changes when its state was put in place as a whole.
func (s *Store) Generation(name string) uint64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if p := s.live.projection(name); p != nil {
		return p.Generation
	}
	return 0
}

// Floor is the lowest position of any projection: what the log must still hold from there on.
func (s *Store) Floor() (eventlog.Seq, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var low eventlog.Seq
	for i, g := range s.groups {
		d, err := g.deltaLocked()
		if err != nil {
			return 0, err
		}
		at, err := d.checkpoint()
		if err != nil {
			return 0, err
		}
		if i == 0 || at.Seq < low {
			low = at.Seq
		}
	}
	return low, nil
}
