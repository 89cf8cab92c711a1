package projection

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	bolt "go.etcd.io/bbolt"
)

// facts is <data>/worker.db: what is true of the worker and not of any generation, such as which projections are paused.
type facts struct {
	path      string
	db        *bolt.DB
	directory string
}

const factsFile = "worker.db"

var pausedBucket = newBucket("paused")

// Pause is why and since when a projection is paused.
type Pause struct {
	Since  time.Time `json:"since"`
	Reason string    `json:"reason"`
}

// openFacts opens worker.db. Where there is none it makes one, with a new identity for the directory. Where LIVE states
// an identity and worker.db is gone, nobody knows any more what was paused: the new one pauses all of these projections
// from its first moment, until a person says otherwise.
func openFacts(dir, directory string, projections []string) (*facts, error) {
	path := filepath.Join(dir, factsFile)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		if err := createFacts(dir, directory, projections); err != nil {
			return nil, err
		}
	}
	if err := inspectBolt(path); err != nil {
		return nil, err
	}
	db, err := openBolt(path, 0)
	if err != nil {
		return nil, err
	}
	f := &facts{path: path, db: db}
	if err := f.load(directory); err != nil {
		return nil, errors.Join(err, f.close())
	}
	return f, nil
}

func createFacts(dir, directory string, paused []string) error {
	if directory == "" {
		var id [16]byte
		if _, err := rand.Read(id[:]); err != nil {
			return fmt.Errorf("make an identity: %w", err)
		}
		directory = hex.EncodeToString(id[:])
	}
	temp := filepath.Join(dir, factsFile+".tmp")
	if err := os.Remove(temp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove %s: %w", temp, err)
	}
	lost := &Pause{Since: time.Now().UTC(), Reason: factsFile + " was lost, and with it what was paused"}
	err := writeEmptyDelta(temp, directory, 0, &Checkpoint{}, func(tx *bolt.Tx) error { return putPauses(tx, paused, lost) })
	if err != nil {
		return fmt.Errorf("create %s: %w", temp, err)
	}
	crashPoint("facts written")
	if err := os.Rename(temp, filepath.Join(dir, factsFile)); err != nil {
		return fmt.Errorf("name %s: %w", factsFile, err)
	}
	crashPoint("facts named")
	return syncDir(dir)
}

func (f *facts) load(directory string) error {
	found, err := (&delta{path: f.path, db: f.db}).identity()
	switch {
	case err != nil:
		return err
	case found.ID != 0:
		return &DamageError{File: f.path, Detail: fmt.Sprintf("it is delta %d under another name", found.ID)}
	case directory != "" && found.Directory != directory:
		return &DamageError{File: f.path, Detail: "it belongs to another data directory"}
	}
	f.directory = found.Directory
	return nil
}

// paused returns the paused projections.
func (f *facts) paused() (map[string]Pause, error) {
	out := map[string]Pause{}
	err := guard(f.path, func() error {
		return f.db.View(func(tx *bolt.Tx) error {
			b := tx.Bucket(pausedBucket.name)
			if b == nil {
				return nil
			}
			return b.ForEach(func(k, cell []byte) error {
				_, raw, err := pausedBucket.open(k, cell)
				if err != nil {
					return &DamageError{File: f.path, Detail: fmt.Sprintf("the pause of %s does not match its checksum", k)}
				}
				var p Pause
				if err := json.Unmarshal(raw, &p); err != nil {
					return &DamageError{File: f.path, Detail: fmt.Sprintf("the pause of %s is not readable", k)}
				}
				out[string(k)] = p
				return nil
			})
		})
	})
	return out, err
}

// setPaused stores that projections are paused, or not for a nil pause.
func (f *facts) setPaused(names []string, p *Pause) error {
	err := guard(f.path, func() error {
		return f.db.Update(func(tx *bolt.Tx) error { return putPauses(tx, names, p) })
	})
	if err != nil {
		return fmt.Errorf("store the pause in %s: %w", f.path, err)
	}
	return nil
}

func putPauses(tx *bolt.Tx, names []string, p *Pause) error {
	b, err := tx.CreateBucketIfNotExists(pausedBucket.name)
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := putPause(b, []byte(name), p); err != nil {
			return err
		}
	}
	return nil
}

func putPause(b *bolt.Bucket, name []byte, p *Pause) error {
	if p == nil {
		return b.Delete(name)
	}
	raw, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return b.Put(name, pausedBucket.seal(name, tagRow, raw))
}

func (f *facts) close() error { return guard(f.path, f.db.Close) }
