package snapshotstore

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// Names is a folder of manifests. It is safe for concurrent use by one process, and belongs to one process at a time.
type Names struct {
	dir string
	mu  sync.Mutex // held while a name is taken or given up, so that two cannot take the same
}

const (
	manifestSuffix   = ".json"
	unfinishedSuffix = ".tmp"
)

// crashPoint is where tests stop the process dead: between the steps of what must not be seen half done.
var crashPoint = func(name string) {}

// OpenNames opens a folder of manifests, and makes it where it is missing. Files that were not finished are removed: no
// name leads to them.
func OpenNames(dir string) (*Names, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of snapshots: %w", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("read the folder of snapshots: %w", err)
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), unfinishedSuffix) {
			err = errors.Join(err, os.Remove(filepath.Join(dir, e.Name())))
		}
	}
	if err != nil {
		return nil, fmt.Errorf("remove unfinished manifests: %w", err)
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
	raw, err := m.Encode()
	if err != nil {
		return fmt.Errorf("encode the manifest of %s: %w", m.Name, err)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("%w: %s", ErrNameUsed, m.Name)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("look whether the name %s is free: %w", m.Name, err)
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
	m, err := DecodeManifest(raw)
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
		switch {
		case err == nil:
			out = append(out, m)
		case !errors.Is(err, ErrNoName): // that one was removed a moment ago
			errs = append(errs, err)
		}
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
	n.mu.Lock()
	defer n.mu.Unlock()
	if err := os.Remove(path); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: %s", ErrNoName, name)
	} else if err != nil {
		return fmt.Errorf("remove the manifest of %s: %w", name, err)
	}
	crashPoint("name removed")
	return syncDir(n.dir)
}

// writeWhole makes a file appear whole or not at all.
func writeWhole(dir, name string, content []byte) error {
	f, err := os.CreateTemp(dir, name+"-*"+unfinishedSuffix)
	if err != nil {
		return fmt.Errorf("create %s: %w", name, err)
	}
	crashPoint("file begun")
	_, err = f.Write(content)
	crashPoint("file written")
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	crashPoint("file synced")
	if err == nil {
		err = os.Rename(f.Name(), filepath.Join(dir, name))
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", name, err), os.Remove(f.Name()))
	}
	crashPoint("file named")
	return syncDir(dir)
}

// Retain changes how long a snapshot is kept, and nothing else of it; nil leaves it as it is.
func (n *Names) Retain(name string, keep *string, hold *bool) (*Manifest, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	m, err := n.Get(name)
	if err != nil {
		return nil, err
	}
	if keep != nil {
		m.Keep = *keep
	}
	if hold != nil {
		m.Hold = *hold
	}
	raw, err := m.Encode()
	if err != nil {
		return nil, fmt.Errorf("encode the manifest of %s: %w", name, err)
	}
	return m, writeWhole(n.dir, name+manifestSuffix, raw)
}
