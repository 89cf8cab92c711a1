package projection

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// delta is one bolt file: what changed since the base, for the projections of one group, and the checkpoint that it is true
// at.
type delta struct {
	id   uint64
	path string
	db   *bolt.DB
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

// initialMmap is mapped at once, so that a commit never waits for readers because the map must grow. Address space
// costs nothing where there are 64 bits of it.
func initialMmap() int {
	if math.MaxInt == math.MaxInt32 {
		return 64 << 20
	}
	return 4 << 30
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
	return id, err == nil
}

// createDelta writes a new delta that holds nothing but the checkpoint: under a temporary name, synced, then renamed. LIVE
// does not name it yet.
func createDelta(dir, directory string, id uint64, at *Checkpoint) (*delta, error) {
	path := filepath.Join(dir, deltaName(id))
	temp := path + ".tmp"
	if err := os.Remove(temp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("remove %s: %w", temp, err)
	}
	if err := writeEmptyDelta(temp, directory, id, at); err != nil {
		return nil, fmt.Errorf("create %s: %w", temp, err)
	}
	if err := os.Rename(temp, path); err != nil {
		return nil, fmt.Errorf("name %s: %w", path, err)
	}
	if err := syncDir(dir); err != nil {
		return nil, err
	}
	return openDelta(dir, directory, id)
}

func writeEmptyDelta(path, directory string, id uint64, at *Checkpoint) error {
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
			return putCheckpoint(meta, at)
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
	d := &delta{id: id, path: path}
	err := guard(path, func() (err error) {
		d.db, err = bolt.Open(path, 0o600, &bolt.Options{
			Timeout: time.Second, FreelistType: bolt.FreelistMapType, InitialMmapSize: initialMmap(), OpenFile: openExisting,
		})
		return err
	})
	if errors.Is(err, bolterrors.ErrTimeout) {
		return nil, fmt.Errorf("projection: %s is open in another process; stop it first", path)
	}
	if err != nil {
		return nil, asDamage(path, err)
	}
	if err := d.checkIdentity(directory); err != nil {
		return nil, errors.Join(err, d.close())
	}
	return d, nil
}

// openExisting opens a file that must be there: bbolt would make a missing one anew.
func openExisting(name string, flag int, mode os.FileMode) (*os.File, error) {
	return os.OpenFile(name, flag&^os.O_CREATE, mode)
}

func asDamage(path string, err error) error {
	var damage *DamageError
	if errors.As(err, &damage) {
		return err
	}
	return &DamageError{File: path, Detail: err.Error()}
}

func (d *delta) checkIdentity(directory string) error {
	raw, err := d.meta(keyIdentity)
	if err != nil {
		return err
	}
	var found deltaIdentity
	if err := decodeRow(raw, &found); err != nil {
		return &DamageError{File: d.path, Detail: "its identity is not readable"}
	}
	switch {
	case found.Format != deltaFormat:
		return &DamageError{File: d.path, Detail: fmt.Sprintf("it has format %d, this build reads %d", found.Format, deltaFormat)}
	case found.Directory != directory:
		return &DamageError{File: d.path, Detail: "it belongs to another data directory"}
	case found.ID != d.id:
		return &DamageError{File: d.path, Detail: fmt.Sprintf("it is delta %d under another name", found.ID)}
	}
	return nil
}

func (d *delta) meta(key []byte) ([]byte, error) {
	v, err := d.view()
	if err != nil {
		return nil, err
	}
	defer v.close()
	return v.meta(key)
}

func (d *delta) checkpoint() (Checkpoint, error) {
	v, err := d.view()
	if err != nil {
		return Checkpoint{}, err
	}
	defer v.close()
	return v.checkpoint()
}

// verify reads the whole file: bbolt's structure, and every value against its checksum.
func (d *delta) verify() error {
	return guard(d.path, func() error {
		return d.db.View(func(tx *bolt.Tx) error {
			var first error
			for err := range tx.Check() { // must be read to its end: the sender waits
				if first == nil {
					first = &DamageError{File: d.path, Detail: err.Error()}
				}
			}
			if first != nil {
				return first
			}
			return tx.ForEach(func(name []byte, b *bolt.Bucket) error { return d.verifyBucket(newBucket(string(name)), b) })
		})
	})
}

func (d *delta) verifyBucket(name bucket, b *bolt.Bucket) error {
	return b.ForEach(func(key, cell []byte) error {
		if _, _, err := name.open(key, cell); err != nil {
			return d.badCell(name, key)
		}
		return nil
	})
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

func (d *delta) close() error {
	return guard(d.path, d.db.Close)
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
