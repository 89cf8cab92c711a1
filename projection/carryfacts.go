package projection

import (
	"bytes"
	"encoding/json"
	"fmt"

	bolt "go.etcd.io/bbolt"
)

var (
	unshelveBucket = newBucket("unshelve")
	originBucket   = newBucket("origin")
)

// Removal is a snapshot that was removed here, and whose copy on the shelf is to go as well. It says which one it was, because
// another may have its name there.
type Removal struct {
	Name    string `json:"name"`
	Digest  string `json:"digest"`
	Stream  string `json:"stream"`
	Created int64  `json:"created"` // of the stream, in nanoseconds
	Seq     uint64 `json:"sequence"`
}

// NoteRemovals keeps removals until they are forgotten, also over a restart. A later one of the same name takes the place of an
// earlier one.
func (s *Store) NoteRemovals(all []Removal) error {
	return s.editFacts(unshelveBucket, func(rows factRows) error {
		for i := range all {
			if err := rows.put(all[i].Name, &all[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// ForgetRemoval drops what NoteRemovals keeps, unless another one has taken its place.
func (s *Store) ForgetRemoval(r Removal) error {
	return s.editFacts(unshelveBucket, func(rows factRows) error {
		raw, err := json.Marshal(&r)
		if err != nil || !bytes.Equal(rows.get(r.Name), raw) {
			return err
		}
		return rows.bolt.Delete([]byte(r.Name))
	})
}

// Removals returns what NoteRemovals keeps, by name.
func (s *Store) Removals() (out []Removal, err error) {
	err = s.eachFact(unshelveBucket, func(key string, raw []byte) error {
		var r Removal
		err := json.Unmarshal(raw, &r)
		if err == nil && r.Name != key {
			err = fmt.Errorf("it is of %s", r.Name)
		}
		out = append(out, r)
		return err
	})
	return out, err
}

const originKey = "wish"

// SetOrigin notes what the state of an empty data directory was asked to be made from.
func (s *Store) SetOrigin(text string) error {
	return s.editFacts(originBucket, func(rows factRows) error { return rows.put(originKey, text) })
}

// Origin returns what SetOrigin noted; "" where it was not called.
func (s *Store) Origin() (text string, err error) {
	err = s.eachFact(originBucket, func(_ string, raw []byte) error { return json.Unmarshal(raw, &text) })
	return text, err
}

// factRows is a bucket of worker.db that may be written.
type factRows struct {
	bucket bucket
	bolt   *bolt.Bucket
}

func (r factRows) put(key string, value any) error {
	raw, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return r.bolt.Put([]byte(key), r.bucket.seal([]byte(key), tagRow, raw))
}

// get returns a value, or nil for none that could be read.
func (r factRows) get(key string) []byte {
	_, raw, err := r.bucket.open([]byte(key), r.bolt.Get([]byte(key)))
	if err != nil {
		return nil
	}
	return raw
}

// editFacts changes a bucket in one step.
func (s *Store) editFacts(b bucket, change func(factRows) error) error {
	if s.parent != nil {
		return errBranch
	}
	f := s.facts
	err := guard(f.path, func() error {
		return f.db.Update(func(tx *bolt.Tx) error {
			rows, err := tx.CreateBucketIfNotExists(b.name)
			if err != nil {
				return err
			}
			return change(factRows{b, rows})
		})
	})
	if err != nil {
		return fmt.Errorf("store a fact in %s: %w", f.path, err)
	}
	return nil
}

// eachFact reads a bucket. An error of read is damage.
func (s *Store) eachFact(b bucket, read func(key string, raw []byte) error) error {
	if s.parent != nil {
		return errBranch
	}
	f := s.facts
	return guard(f.path, func() error {
		return f.db.View(func(tx *bolt.Tx) error {
			rows := tx.Bucket(b.name)
			if rows == nil {
				return nil
			}
			return rows.ForEach(func(k, cell []byte) error {
				_, raw, err := b.open(k, cell)
				if err == nil {
					err = read(string(k), raw)
				}
				if err != nil {
					return &DamageError{File: f.path, Detail: fmt.Sprintf("%q of %s: %s", k, b.name, err)}
				}
				return nil
			})
		})
	})
}
