package snapshotstore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// Shelf is a place where immutable files are kept under names: a directory, or an object store. It is safe for concurrent
// use. Names are checked by CheckShelfName, and every method refuses others with ErrShelfName.
type Shelf interface {
	// Put stores what content gives until io.EOF. The file appears whole or not at all: where Put fails, for whatever
	// reason, there is none of this name unless there was one before. When Put returns, the file is as durable as the
	// shelf can make it. A name that is there with the same content is left as it is, and one with another content is
	// refused with ErrShelfConflict.
	Put(ctx context.Context, name string, content io.Reader) error

	// Open returns a file's content, or ErrNotOnShelf. The context governs the reading as well. Reading ends with io.EOF
	// behind the last byte that was put; where a shelf can tell that a file is damaged or cut short, it ends with another
	// error. A file that is removed while it is read may go on or fail.
	Open(ctx context.Context, name string) (io.ReadCloser, error)

	// List returns all files whose names begin with the prefix, by rising name. There are no files that are half put.
	List(ctx context.Context, prefix string) ([]ShelfItem, error)

	// Remove removes a file, or returns ErrNotOnShelf.
	Remove(ctx context.Context, name string) error
}

// ShelfItem is one file on a shelf.
type ShelfItem struct {
	Name  string
	Bytes int64
}

// Conditions of shelves.
var (
	ErrNotOnShelf    = errors.New("snapshotstore: no such file on the shelf")
	ErrShelfConflict = errors.New("snapshotstore: the shelf has a file of this name with another content")
	ErrShelfName     = errors.New("snapshotstore: a name on a shelf has up to 400 bytes, in parts of up to 200 letters, digits, " +
		". - and _, each of which begins with a letter or digit, with / between them")
)

const maxShelfName = 400

var shelfNames = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,199}(/[A-Za-z0-9][A-Za-z0-9._-]{0,199})*$`)

// CheckShelfName returns ErrShelfName for what cannot be a name on a shelf.
func CheckShelfName(name string) error {
	if len(name) > maxShelfName || !shelfNames.MatchString(name) {
		return fmt.Errorf("%w: not %.100q", ErrShelfName, name)
	}
	return nil
}

// ShelfFolder returns the part of a shelf whose names begin with a folder and a slash, as a shelf of its own: names on it
// are without them, and nothing outside can be reached. So several workers can share a shelf. The folder must be a name
// that CheckShelfName takes.
func ShelfFolder(shelf Shelf, folder string) (Shelf, error) {
	if err := CheckShelfName(folder); err != nil {
		return nil, err
	}
	return &shelfFolder{shelf: shelf, prefix: folder + "/"}, nil
}

type shelfFolder struct {
	shelf  Shelf
	prefix string
}

var _ Shelf = (*shelfFolder)(nil)

func (f *shelfFolder) Put(ctx context.Context, name string, content io.Reader) error {
	if err := CheckShelfName(name); err != nil {
		return err
	}
	return f.shelf.Put(ctx, f.prefix+name, content)
}

func (f *shelfFolder) Open(ctx context.Context, name string) (io.ReadCloser, error) {
	if err := CheckShelfName(name); err != nil {
		return nil, err
	}
	return f.shelf.Open(ctx, f.prefix+name)
}

func (f *shelfFolder) List(ctx context.Context, prefix string) ([]ShelfItem, error) {
	items, err := f.shelf.List(ctx, f.prefix+prefix)
	for i := range items {
		items[i].Name = strings.TrimPrefix(items[i].Name, f.prefix)
	}
	return items, err
}

func (f *shelfFolder) Remove(ctx context.Context, name string) error {
	if err := CheckShelfName(name); err != nil {
		return err
	}
	return f.shelf.Remove(ctx, f.prefix+name)
}
