package snapshotstore

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// DirShelf is a shelf in a directory: one file for each name, in folders where the name has slashes. Several processes may
// use it at once as long as they do not put different contents under one name.
type DirShelf struct {
	root *os.Root
	mu   sync.Mutex // held while a file gets its name
}

var _ Shelf = (*DirShelf)(nil)

const (
	// unnamed begins the names of files that are being put: no name on a shelf begins with a dot.
	unnamed = ".put-"

	// abandoned is how long a file that is being put was not written to when its writer is taken to be gone.
	abandoned = time.Hour
)

// OpenDirShelf opens a directory as a shelf, and makes it where it is missing. What a process that died had begun to put
// is removed when nobody has written to it for an hour.
func OpenDirShelf(dir string) (*DirShelf, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of the shelf: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open the folder of the shelf: %w", err)
	}
	s := &DirShelf{root: root}
	if err := s.sweep(time.Now().Add(-abandoned)); err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return s, nil
}

// Close releases the directory. It is idempotent. Files that are open stay so.
func (s *DirShelf) Close() error { return s.root.Close() }

// sweep removes what was begun and not written to since a moment.
func (s *DirShelf) sweep(since time.Time) error {
	entries, err := fs.ReadDir(s.root.FS(), ".")
	if err != nil {
		return fmt.Errorf("read the folder of the shelf: %w", err)
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), unnamed) {
			continue
		}
		info, err := e.Info()
		if err == nil && info.ModTime().Before(since) {
			err = s.root.Remove(e.Name())
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // another process may have swept as well
			return fmt.Errorf("remove what was begun to be put: %w", err)
		}
	}
	return nil
}

// Put stores a file, synced to the disk together with the folders that lead to it.
func (s *DirShelf) Put(ctx context.Context, name string, content io.Reader) error {
	if err := CheckShelfName(name); err != nil {
		return err
	}
	temp := unnamed + rand.Text()
	err := s.write(ctx, temp, content)
	if err == nil {
		crashPoint("shelf written")
		err = s.name(temp, name)
	}
	if err != nil {
		if gone := s.root.Remove(temp); gone != nil && !errors.Is(gone, fs.ErrNotExist) {
			err = errors.Join(err, gone)
		}
		return fmt.Errorf("put %s: %w", name, err)
	}
	return nil
}

func (s *DirShelf) write(ctx context.Context, temp string, content io.Reader) error {
	f, err := s.root.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	crashPoint("shelf begun")
	_, err = io.Copy(f, &contextReader{ctx: ctx, r: content})
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// name gives a written file its name, unless a file of that name is there.
func (s *DirShelf) name(temp, name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch same, err := s.same(temp, name); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	case !same:
		return ErrShelfConflict
	default:
		if err := s.root.Remove(temp); err != nil {
			return err
		}
		return s.sync(name) // whoever put it may not have come so far
	}
	if err := s.root.MkdirAll(path.Dir(name), 0o700); err != nil {
		return err
	}
	if err := s.root.Rename(temp, name); err != nil {
		return err
	}
	crashPoint("shelf named")
	return s.sync(name)
}

// same tells whether two files have the same content.
func (s *DirShelf) same(a, b string) (bool, error) {
	files := [2]*os.File{}
	var sizes [2]int64
	for i, name := range []string{a, b} {
		f, err := s.root.Open(name)
		if err != nil {
			return false, err
		}
		defer f.Close()
		info, err := f.Stat()
		if err != nil {
			return false, err
		}
		if !info.Mode().IsRegular() {
			return false, nil
		}
		files[i], sizes[i] = f, info.Size()
	}
	if sizes[0] != sizes[1] {
		return false, nil
	}
	return equalContent(files[0], files[1])
}

func equalContent(a, b io.Reader) (bool, error) {
	x, y := make([]byte, 64<<10), make([]byte, 64<<10)
	for {
		n, errA := io.ReadFull(a, x)
		m, errB := io.ReadFull(b, y)
		if !bytes.Equal(x[:n], y[:m]) {
			return false, nil
		}
		for _, err := range []error{errA, errB} {
			if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
				return false, err
			}
		}
		if errA != nil || errB != nil {
			return errA != nil && errB != nil, nil
		}
	}
}

// sync makes the folders that lead to a name durable, the innermost first.
func (s *DirShelf) sync(name string) error {
	for dir := path.Dir(name); ; dir = path.Dir(dir) {
		f, err := s.root.Open(dir)
		if err != nil {
			return err
		}
		if err := errors.Join(f.Sync(), f.Close()); err != nil {
			return fmt.Errorf("sync %s: %w", dir, err)
		}
		if dir == "." {
			return nil
		}
	}
}

// Open opens a file.
func (s *DirShelf) Open(ctx context.Context, name string) (io.ReadCloser, error) {
	if err := errors.Join(CheckShelfName(name), ctx.Err()); err != nil {
		return nil, err
	}
	f, err := s.root.Open(name)
	if missing(err) {
		return nil, fmt.Errorf("%w: %s", ErrNotOnShelf, name)
	}
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", name, err)
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%w: %s", ErrNotOnShelf, name)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &contextReader{ctx: ctx, r: f, Closer: f}, nil
}

// missing tells whether an error says that there is no such file: also where a part of its path is a file.
func missing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// List lists the files. What stands in the directory and is neither a file nor named like one on a shelf is passed over.
func (s *DirShelf) List(ctx context.Context, prefix string) ([]ShelfItem, error) {
	var out []ShelfItem
	err := fs.WalkDir(s.root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil || !d.Type().IsRegular() || !strings.HasPrefix(name, prefix) || CheckShelfName(name) != nil {
			return vanished(err)
		}
		info, err := d.Info()
		if err == nil {
			out = append(out, ShelfItem{Name: name, Bytes: info.Size()})
		}
		return vanished(err)
	})
	if err != nil {
		return nil, fmt.Errorf("list the shelf: %w", err)
	}
	slices.SortFunc(out, func(a, b ShelfItem) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

// vanished drops the error of a file that was removed, or got its name, while the folder was read.
func vanished(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// Remove removes a file. Folders stay.
func (s *DirShelf) Remove(ctx context.Context, name string) error {
	if err := errors.Join(CheckShelfName(name), ctx.Err()); err != nil {
		return err
	}
	info, err := s.root.Lstat(name)
	if missing(err) || err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("%w: %s", ErrNotOnShelf, name)
	}
	if err == nil {
		err = s.root.Remove(name)
	}
	if missing(err) {
		return fmt.Errorf("%w: %s", ErrNotOnShelf, name)
	}
	if err == nil {
		err = s.sync(name)
	}
	if err != nil {
		return fmt.Errorf("remove %s: %w", name, err)
	}
	return nil
}

// contextReader ends with its context.
type contextReader struct {
	ctx context.Context
	r   io.Reader
	io.Closer
}

func (r *contextReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, context.Cause(r.ctx)
	}
	return r.r.Read(p)
}
