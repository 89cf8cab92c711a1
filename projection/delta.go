package projection

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// delta is one bolt file: what changed since the base, for the projections of one group, and the checkpoint that it is
// true at.
type delta struct {
	id   uint64
	path string
	db   *bolt.DB

	writing sync.Mutex // held over a commit; protects the fields below
	frozen  bool       // nothing is committed any more: another state is live
	doubt   bool       // a commit failed in its last step: what is read may not be on the disk

	mu      sync.Mutex    // protects the fields below
	views   int           // that are open
	closing chan struct{} // nil until close was called; closed when the last view is
}

var (
	metaBucket    = newBucket("_meta")
	keyIdentity   = []byte("identity")
	keyCheckpoint = []byte("checkpoint")
)

// deltaIdentity ties a delta to its data directory, so that a file from elsewhere is noticed.
type deltaIdentity struct {
	Format    int
	Directory string
	ID        uint64
}

const deltaFormat = 1

// maxDelta is how long a delta can become, in bytes. All of it is mapped at once: a commit for which the map must grow
// waits until nothing reads the file, which may be for ever. Address space costs nothing where there are 64 bits of it.
// A commit that would make the file longer fails whole.
func maxDelta() int {
	switch {
	case runtime.GOOS == "windows":
		return 0 // bbolt makes the file as long as its map there: it must grow step by step
	case math.MaxInt == math.MaxInt32:
		return 256 << 20
	}
	room := int64(1) << 36
	return int(room)
}

func deltaName(id uint64) string { return fmt.Sprintf("delta-%d.db", id) }

// parseDeltaName returns the id in a delta's file name.
func parseDeltaName(name string) (uint64, bool) {
	text, ok := strings.CutPrefix(name, "delta-")
	if !ok {
		return 0, false
	}
	text, ok = strings.CutSuffix(text, ".db")
	if !ok {
		return 0, false
	}
	id, err := strconv.ParseUint(text, 10, 64)
	return id, err == nil && deltaName(id) == name
}

// createDelta writes a new delta that holds nothing but the checkpoint: under a temporary name, synced, then renamed.
// LIVE does not name it yet.
func createDelta(dir, directory string, id uint64, at *Checkpoint) (*delta, error) {
	path := filepath.Join(dir, deltaName(id))
	temp := path + ".tmp"
	if err := os.Remove(temp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("remove %s: %w", temp, err)
	}
	if err := writeEmptyDelta(temp, directory, id, at, nil); err != nil {
		return nil, fmt.Errorf("create %s: %w", temp, err)
	}
	crashPoint("delta written")
	if err := os.Rename(temp, path); err != nil {
		return nil, fmt.Errorf("name %s: %w", path, err)
	}
	if err := syncDir(dir); err != nil {
		return nil, err
	}
	crashPoint("delta named")
	return openDelta(dir, directory, id)
}

// writeEmptyDelta writes a synced bolt file with an identity, a checkpoint and what more puts in, unless it is nil.
func writeEmptyDelta(path, directory string, id uint64, at *Checkpoint, more func(*bolt.Tx) error) error {
	db, err := bolt.Open(path, 0o600, &bolt.Options{Timeout: time.Second, FreelistType: bolt.FreelistMapType})
	if err != nil {
		return err
	}
	identity, err := encodeRow(&deltaIdentity{Format: deltaFormat, Directory: directory, ID: id})
	if err == nil {
		err = db.Update(func(tx *bolt.Tx) error {
			meta, err := tx.CreateBucket(metaBucket.name)
			if err != nil {
				return err
			}
			if err := meta.Put(keyIdentity, metaBucket.seal(keyIdentity, tagRow, identity)); err != nil {
				return err
			}
			if err := putCheckpoint(meta, at); err != nil || more == nil {
				return err
			}
			return more(tx)
		})
	}
	return errors.Join(err, db.Close())
}

func putCheckpoint(meta *bolt.Bucket, at *Checkpoint) error {
	raw, err := at.encode()
	if err != nil {
		return err
	}
	return meta.Put(keyCheckpoint, metaBucket.seal(keyCheckpoint, tagRow, raw))
}

// openDelta opens an existing delta after looking at it first, and checks that it is the one that LIVE means.
func openDelta(dir, directory string, id uint64) (*delta, error) {
	path := filepath.Join(dir, deltaName(id))
	if err := inspectBolt(path); err != nil {
		return nil, err
	}
	db, err := openBolt(path, maxDelta())
	if err != nil {
		return nil, err
	}
	d := &delta{id: id, path: path, db: db}
	if err := d.checkIdentity(directory); err != nil {
		return nil, errors.Join(err, d.close())
	}
	return d, nil
}

// openBolt opens an inspected bolt file that can grow up to a length.
func openBolt(path string, most int) (db *bolt.DB, err error) {
	err = guard(path, func() (err error) {
		db, err = bolt.Open(path, 0o600, &bolt.Options{
			Timeout: time.Second, FreelistType: bolt.FreelistMapType, InitialMmapSize: most, MaxSize: most, OpenFile: openExisting,
		})
		return err
	})
	if errors.Is(err, bolterrors.ErrTimeout) {
		return nil, fmt.Errorf("projection: %s is open in another process; stop it first", path)
	}
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return db, nil
}

// openExisting opens a file that must be there: bbolt would make a missing one anew.
func openExisting(name string, flag int, mode os.FileMode) (*os.File, error) {
	return os.OpenFile(name, flag&^os.O_CREATE, mode)
}

// checkIdentity checks that the file is this delta of this data directory.
func (d *delta) checkIdentity(directory string) error {
	found, err := d.identity()
	if err != nil {
		return err
	}
	switch {
	case found.Directory != directory:
		return &DamageError{File: d.path, Detail: "it belongs to another data directory"}
	case found.ID != d.id:
		return &DamageError{File: d.path, Detail: fmt.Sprintf("it is delta %d under another name", found.ID)}
	}
	return nil
}

func (d *delta) identity() (deltaIdentity, error) {
	v, err := d.view()
	if err != nil {
		return deltaIdentity{}, err
	}
	defer v.close()
	raw, err := v.meta(keyIdentity)
	if err != nil {
		return deltaIdentity{}, err
	}
	var found deltaIdentity
	if err := decodeRow(raw, &found); err != nil {
		return deltaIdentity{}, &DamageError{File: d.path, Detail: "its identity is not readable"}
	}
	if found.Format != deltaFormat {
		return deltaIdentity{}, &DamageError{
			File: d.path, Detail: fmt.Sprintf("it has format %d, this build reads %d", found.Format, deltaFormat),
		}
	}
	return found, nil
}

func (d *delta) checkpoint() (Checkpoint, error) {
	v, err := d.view()
	if err != nil {
		return Checkpoint{}, err
	}
	defer v.close()
	return v.checkpoint()
}

func (d *delta) badCell(name bucket, key []byte) error {
	return &DamageError{File: d.path, Detail: fmt.Sprintf("the value of %q in %s does not match its checksum", key, name.name)}
}

// size is the file's length in bytes.
func (d *delta) size() int64 {
	info, err := os.Stat(d.path)
	if err != nil {
		return 0
	}
	return info.Size()
}

// freeze refuses commits from now on, or allows them again. It waits for the one under way.
func (d *delta) freeze(on bool) {
	d.writing.Lock()
	defer d.writing.Unlock()
	d.frozen = on
}

// sure fails where the last commit left it open what is on the disk.
func (d *delta) sure() error {
	d.writing.Lock()
	defer d.writing.Unlock()
	if d.doubt {
		return fmt.Errorf("%w: the last commit into %s failed; open it again first", ErrNotOpen, d.path)
	}
	return nil
}

// rewrite makes two commits that change nothing. After a failed write they put both meta pages on the disk anew: what
// is read from the file must not be something that a failed sync has left in memory alone.
func (d *delta) rewrite() error {
	return guard(d.path, func() error {
		for range 2 {
			if err := d.db.Update(func(*bolt.Tx) error { return nil }); err != nil {
				return fmt.Errorf("write %s: %w", d.path, err)
			}
		}
		return nil
	})
}

// begin counts a view that is about to be opened, unless the delta is being closed.
func (d *delta) begin() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closing != nil {
		return fmt.Errorf("%w: %s", ErrNotOpen, d.path)
	}
	d.views++
	return nil
}

// end is a view that was closed.
func (d *delta) end() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.views--
	if d.views == 0 && d.closing != nil {
		close(d.closing)
	}
}

// close closes the file when the last view is closed. bolt would wait as well, but with a lock that every view needs to
// be closed: who holds two of them could not close the first.
func (d *delta) close() error {
	<-d.noViews()
	return guard(d.path, d.db.Close)
}

// noViews refuses views from now on, and returns a channel that is closed when there are none.
func (d *delta) noViews() <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closing == nil {
		d.closing = make(chan struct{})
		if d.views == 0 {
			close(d.closing)
		}
	}
	return d.closing
}

// syncDir makes a rename or removal in dir durable.
func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("open %s: %w", dir, err)
	}
	defer f.Close()
	if err := f.Sync(); err != nil {
		return fmt.Errorf("sync %s: %w", dir, err)
	}
	return nil
}
