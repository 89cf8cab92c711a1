package snapshotstore

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Manifest is a snapshot: a name for a position in a history, and the commits by which the state there is found.
type Manifest struct {
	Name           string               `json:"name"`
	Description    string               `json:"description"`
	CreatedAt      time.Time            `json:"created_at"`
	StreamName     string               `json:"stream_name"`
	StreamCreated  time.Time            `json:"stream_created"`
	StreamSequence uint64               `json:"stream_sequence"`
	StreamTime     *time.Time           `json:"stream_time"` // the broker's, of the last event in it; null where there is none
	EventCount     uint64               `json:"event_count"`
	Digest         string               `json:"digest"` // over the projections' digests
	Bytes          uint64               `json:"bytes"`  // of rows, uncompressed
	StoredBytes    uint64               `json:"stored_bytes"`
	Keep           string               `json:"keep"` // a term after which it may go, such as "180d"; "" = until it is removed
	Hold           bool                 `json:"hold"` // may not be removed, whatever its term
	Generated      bool                 `json:"generated"`
	Projections    []ManifestProjection `json:"projections"`
}

// ManifestProjection is one projection's part of a snapshot.
type ManifestProjection struct {
	Name    string `json:"name"`
	Version int    `json:"version"`
	Digest  string `json:"digest"`
	Rows    uint64 `json:"rows"`
	Bytes   uint64 `json:"bytes"`
	Commit  string `json:"commit"`
}

// NamePattern is what names of snapshots look like: they become file names and subject tokens.
var NamePattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$`)

// Conditions of names.
var (
	ErrBadName  = errors.New("snapshotstore: a snapshot's name has letters, digits, - and _, up to 128 of them, and begins with a letter or digit")
	ErrNoName   = errors.New("snapshotstore: no such snapshot")
	ErrNameUsed = errors.New("snapshotstore: a snapshot of this name exists")
)

// DigestOf is the digest of a snapshot: over name and digest of each projection, by rising name.
func DigestOf(projections []ManifestProjection) string {
	sorted := slices.SortedFunc(slices.Values(projections), func(a, b ManifestProjection) int { return strings.Compare(a.Name, b.Name) })
	b := []byte("cim-snapshot-1")
	for _, p := range sorted {
		b = appendBytes(b, []byte(p.Name))
		b = appendBytes(b, []byte(p.Digest))
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// encode returns the file: the manifest and its checksum, in one spelling alone.
func (m *Manifest) encode() ([]byte, error) {
	body, err := json.MarshalIndent(m, "  ", "  ")
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(body)
	return fmt.Appendf(nil, "{\n  \"manifest\": %s,\n  \"sha256\": %q\n}\n", body, hex.EncodeToString(sum[:])), nil
}

// decodeManifest reads a file and refuses any that is not, to the byte, what encode writes.
func decodeManifest(raw []byte) (*Manifest, error) {
	var doc struct {
		Manifest *Manifest `json:"manifest"`
		SHA256   string    `json:"sha256"`
	}
	if err := json.Unmarshal(raw, &doc); err != nil || doc.Manifest == nil {
		return nil, errors.New("it is not a manifest")
	}
	again, err := doc.Manifest.encode()
	if err != nil || !bytes.Equal(raw, again) {
		return nil, errors.New("it does not match its checksum")
	}
	return doc.Manifest, nil
}

// Names is a folder of manifests. It is safe for concurrent use by one process.
type Names struct {
	dir string
}

const manifestSuffix = ".json"

// OpenNames opens a folder of manifests, and makes it where it is missing.
func OpenNames(dir string) (*Names, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of snapshots: %w", err)
	}
	return &Names{dir: dir}, nil
}

func (n *Names) path(name string) (string, error) {
	if !NamePattern.MatchString(name) {
		return "", fmt.Errorf("%w: not %q", ErrBadName, name)
	}
	return filepath.Join(n.dir, name+manifestSuffix), nil
}

// Create stores a manifest under its name, which must be free.
func (n *Names) Create(m *Manifest) error {
	path, err := n.path(m.Name)
	if err != nil {
		return err
	}
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("%w: %s", ErrNameUsed, m.Name)
	}
	raw, err := m.encode()
	if err != nil {
		return fmt.Errorf("encode the manifest of %s: %w", m.Name, err)
	}
	return writeWhole(n.dir, filepath.Base(path), raw)
}

// Get returns a manifest.
func (n *Names) Get(name string) (*Manifest, error) {
	path, err := n.path(name)
	if err != nil {
		return nil, err
	}
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %s", ErrNoName, name)
	}
	if err != nil {
		return nil, fmt.Errorf("read the manifest of %s: %w", name, err)
	}
	m, err := decodeManifest(raw)
	if err == nil && m.Name != name {
		err = fmt.Errorf("it is the manifest of %s", m.Name)
	}
	if err != nil {
		return nil, &DamageError{File: path, Detail: err.Error()}
	}
	return m, nil
}

// List returns all manifests by rising sequence and name, and what is wrong with those that cannot be read.
func (n *Names) List() ([]*Manifest, error) {
	entries, err := os.ReadDir(n.dir)
	if err != nil {
		return nil, fmt.Errorf("read the folder of snapshots: %w", err)
	}
	var out []*Manifest
	var errs []error
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), manifestSuffix)
		if !ok || !NamePattern.MatchString(name) {
			continue
		}
		m, err := n.Get(name)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		out = append(out, m)
	}
	slices.SortFunc(out, func(a, b *Manifest) int {
		if a.StreamSequence != b.StreamSequence {
			return cmp.Compare(a.StreamSequence, b.StreamSequence)
		}
		return strings.Compare(a.Name, b.Name)
	})
	return out, errors.Join(errs...)
}

// Remove forgets a name. What only it reached is collected later.
func (n *Names) Remove(name string) error {
	path, err := n.path(name)
	if err != nil {
		return err
	}
	if err := os.Remove(path); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: %s", ErrNoName, name)
	} else if err != nil {
		return fmt.Errorf("remove the manifest of %s: %w", name, err)
	}
	return syncDir(n.dir)
}

// writeWhole makes a file appear whole or not at all.
func writeWhole(dir, name string, content []byte) error {
	f, err := os.CreateTemp(dir, name+"-*.tmp")
	if err != nil {
		return fmt.Errorf("create %s: %w", name, err)
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(f.Name(), filepath.Join(dir, name))
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", name, err), os.Remove(f.Name()))
	}
	return syncDir(dir)
}
