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

// openFacts opens worker.db. Where there is none it makes one, with a new identity for the directory, or with the identity that
// LIVE states.
func openFacts(dir, directory string) (f *facts, made bool, err error) {
	path := filepath.Join(dir, factsFile)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		made = true
		if err := createFacts(dir, directory); err != nil {
			return nil, false, err
		}
	}
	if err := inspectBolt(path); err != nil {
		return nil, false, err
	}
	f = &facts{path: path}
	err = guard(path, func() (err error) {
		f.db, err = bolt.Open(path, 0o600, &bolt.Options{Timeout: time.Second, FreelistType: bolt.FreelistMapType, OpenFile: openExisting})
		return err
	})
	if err != nil {
		return nil, false, asDamage(path, err)
	}
	if err := f.load(directory); err != nil {
		return nil, false, errors.Join(err, f.close())
	}
	return f, made, nil
}

func createFacts(dir, directory string) error {
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
	if err := writeEmptyDelta(temp, directory, 0, &Checkpoint{}); err != nil {
		return fmt.Errorf("create %s: %w", temp, err)
	}
	if err := os.Rename(temp, filepath.Join(dir, factsFile)); err != nil {
		return fmt.Errorf("name %s: %w", factsFile, err)
	}
	return syncDir(dir)
}

func (f *facts) load(directory string) error {
	d := &delta{path: f.path, db: f.db}
	raw, err := d.meta(keyIdentity)
	if err != nil {
		return err
	}
	var found deltaIdentity
	if err := decodeRow(raw, &found); err != nil {
		return &DamageError{File: f.path, Detail: "its identity is not readable"}
	}
	if directory != "" && found.Directory != directory {
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
		return f.db.Update(func(tx *bolt.Tx) error {
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
		})
	})
	if err != nil {
		return fmt.Errorf("store the pause in %s: %w", f.path, err)
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
