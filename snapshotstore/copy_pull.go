package snapshotstore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Pull brings a snapshot from a shelf into a store. Every object is verified by its hash, and that everything is there
// which the commits reach, before the store sees any of it. The collector keeps the snapshot until the returned Pulled is
// closed. A pull that is broken off leaves at most files that OpenStore removes, or packs that the collector does.
func Pull(ctx context.Context, shelf Shelf, name string, store *Store, progress Progress) (*Pulled, error) {
	d, err := fetchDocument(ctx, shelf, name)
	if err != nil {
		return nil, fmt.Errorf("pull snapshot %s: %w", name, err)
	}
	out, err := bring(ctx, store, func(in *incoming) (*Manifest, error) {
		return d.Manifest, fetchPacks(ctx, shelf, d.Packs, in, &meter{report: progress})
	})
	if err != nil {
		return nil, fmt.Errorf("pull snapshot %s: %w", name, err)
	}
	return out, nil
}

// fetchPacks receives the packs that the store does not have.
func fetchPacks(ctx context.Context, shelf Shelf, packs []documentPack, in *incoming, m *meter) error {
	packs = slices.DeleteFunc(slices.Clone(packs), func(p documentPack) bool { return in.hold.pack(p.Name) })
	for _, p := range packs {
		m.total += p.Bytes
	}
	for _, p := range packs {
		if err := fetchPack(ctx, shelf, p, in, m); err != nil {
			return err
		}
	}
	return nil
}

func fetchPack(ctx context.Context, shelf Shelf, p documentPack, in *incoming, m *meter) error {
	r, err := shelf.Open(ctx, packFile(p.Name))
	if err != nil {
		return err
	}
	return errors.Join(in.receive(ctx, p.Name, p.Bytes, &metered{r: r, meter: m}), r.Close())
}

// fetchDocument reads a snapshot's document, or returns ErrNoName.
func fetchDocument(ctx context.Context, shelf Shelf, name string) (*document, error) {
	if !NamePattern.MatchString(name) {
		return nil, fmt.Errorf("%w: not %.200q", ErrBadName, name)
	}
	file := documentFile(name)
	r, err := shelf.Open(ctx, file)
	if errors.Is(err, ErrNotOnShelf) {
		return nil, fmt.Errorf("%w on the shelf: %s", ErrNoName, name)
	}
	if err != nil {
		return nil, err
	}
	raw, err := readDocument(r)
	if err = errors.Join(err, r.Close()); err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	d, err := decodeDocument(raw)
	if err == nil && d.Manifest.Name != name {
		err = fmt.Errorf("it is the snapshot %s", d.Manifest.Name)
	}
	if err != nil {
		return nil, &DamageError{File: file, Detail: err.Error()}
	}
	return d, nil
}

// Shelved returns the manifests of all snapshots on a shelf, by rising sequence and name, and what is wrong with those
// that cannot be read.
func Shelved(ctx context.Context, shelf Shelf) ([]*Manifest, error) {
	documents, err := fetchDocuments(ctx, shelf)
	var out []*Manifest
	for _, d := range documents {
		out = append(out, d.Manifest)
	}
	slices.SortFunc(out, func(a, b *Manifest) int {
		return cmp.Or(cmp.Compare(a.StreamSequence, b.StreamSequence), strings.Compare(a.Name, b.Name))
	})
	return out, err
}

// fetchDocuments reads all documents that can be read, and returns what is wrong with the others.
func fetchDocuments(ctx context.Context, shelf Shelf) ([]*document, error) {
	items, err := shelf.List(ctx, snapshotFolder)
	if err != nil {
		return nil, fmt.Errorf("list snapshots: %w", err)
	}
	var out []*document
	var errs []error
	for _, i := range items {
		name, ok := strings.CutSuffix(strings.TrimPrefix(i.Name, snapshotFolder), manifestSuffix)
		if !ok || !NamePattern.MatchString(name) {
			continue
		}
		d, err := fetchDocument(ctx, shelf, name)
		switch {
		case err == nil:
			out = append(out, d)
		case !errors.Is(err, ErrNoName): // that one was removed a moment ago
			errs = append(errs, err)
		}
	}
	return out, errors.Join(errs...)
}

// Unshelve removes a snapshot from a shelf, and then the packs that no other there names. Where another's document cannot
// be read, no pack is removed. A name that is not there is ErrNoName, after packs that nothing names were removed all the
// same. It must not run beside Push on the same shelf.
func Unshelve(ctx context.Context, shelf Shelf, name string) error {
	if !NamePattern.MatchString(name) {
		return fmt.Errorf("%w: not %.200q", ErrBadName, name)
	}
	gone := shelf.Remove(ctx, documentFile(name))
	if gone != nil && !errors.Is(gone, ErrNotOnShelf) {
		return fmt.Errorf("unshelve snapshot %s: %w", name, gone)
	}
	crashPoint("document unshelved")
	if err := removeUnnamed(ctx, shelf); err != nil {
		return fmt.Errorf("unshelve snapshot %s: %w", name, err)
	}
	if gone != nil {
		return fmt.Errorf("%w on the shelf: %s", ErrNoName, name)
	}
	return nil
}

// removeUnnamed removes packs that no document names, and their indexes. The index goes first: a pack is counted on
// while it has one.
func removeUnnamed(ctx context.Context, shelf Shelf) error {
	items, err := shelf.List(ctx, packFolder)
	if err != nil {
		return err
	}
	documents, err := fetchDocuments(ctx, shelf)
	if err != nil {
		return fmt.Errorf("no pack is removed, because it is not known who needs it: %w", err)
	}
	named := map[string]bool{}
	for _, d := range documents {
		for _, p := range d.Packs {
			named[packFile(p.Name)], named[indexFile(p.Name)] = true, true
		}
	}
	for _, suffix := range []string{indexSuffix, packSuffix} {
		for _, i := range items {
			id, ok := strings.CutSuffix(strings.TrimPrefix(i.Name, packFolder), suffix)
			if !ok || !packNames.MatchString(id+packSuffix) || named[i.Name] {
				continue
			}
			if err := shelf.Remove(ctx, i.Name); err != nil && !errors.Is(err, ErrNotOnShelf) {
				return err
			}
			crashPoint("pack unshelved")
		}
	}
	return nil
}
