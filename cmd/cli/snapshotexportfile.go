package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// wholeFile is a file that appears under its name when it is whole, or not at all.
type wholeFile struct {
	path  string
	force bool
	temp  *os.File
}

// createWhole begins a file. One that is there is refused, unless it is to be overwritten.
func createWhole(path string, force bool) (*wholeFile, error) {
	if err := mayWrite(path, force); err != nil {
		return nil, err
	}
	dir, name := filepath.Split(path)
	if dir == "" {
		dir = "."
	}
	temp, err := os.CreateTemp(dir, name+".part-*") // for its owner alone
	if err != nil {
		return nil, failed("%s cannot be written: %w", path, err)
	}
	return &wholeFile{path: path, force: force, temp: temp}, nil
}

func mayWrite(path string, force bool) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return failed("%s cannot be written: %w", path, err)
	case !info.Mode().IsRegular():
		return wrongUsage("%s is not a file that could be overwritten; name another, or - for standard output", path)
	case !force:
		return exists(path)
	}
	return nil
}

func exists(path string) error {
	return refused("%s exists; name another file, or overwrite it with --force", path)
}

// commit makes what was written durable, and gives it its name.
func (f *wholeFile) commit() error {
	temp := f.temp.Name()
	if err := errors.Join(f.temp.Sync(), f.temp.Close()); err != nil {
		return fmt.Errorf("write %s: %w", f.path, err)
	}
	if err := f.name(temp); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(f.path))
	if err != nil {
		return fmt.Errorf("write %s: %w", f.path, err)
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// name gives the file its name, which without force nobody may have taken meanwhile.
func (f *wholeFile) name(temp string) error {
	if !f.force {
		err := os.Link(temp, f.path)
		if err == nil {
			return nil // abort removes the other name
		}
		if errors.Is(err, fs.ErrExist) {
			return exists(f.path)
		}
		if err := mayWrite(f.path, false); err != nil { // of a file system without links
			return err
		}
	}
	if err := os.Rename(temp, f.path); err != nil {
		return fmt.Errorf("write %s: %w", f.path, err)
	}
	return nil
}

// abort removes what did not become the file. It is idempotent, and does nothing to one that is committed.
func (f *wholeFile) abort() error {
	_ = f.temp.Close() // it may be closed already
	if err := os.Remove(f.temp.Name()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove %s: %w", f.temp.Name(), err)
	}
	return nil
}
