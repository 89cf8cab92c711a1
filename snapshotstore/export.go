package snapshotstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Export writes a snapshot as one file: a tar archive of packs with exactly what its commits reach, and behind them the
// document that Push would put on a shelf. The same snapshot of the same store gives the same bytes. Both are streamed.
func Export(ctx context.Context, store *Store, m *Manifest, w io.Writer, progress Progress) error {
	if err := export(ctx, store, m, w, &meter{report: progress}); err != nil {
		return fmt.Errorf("export snapshot %s: %w", m.Name, err)
	}
	return nil
}

func export(ctx context.Context, store *Store, m *Manifest, w io.Writer, progress *meter) error {
	if err := checkManifest(m); err != nil {
		return err
	}
	need, err := store.reachable(ctx, m)
	if err != nil {
		return err
	}
	h := newHold(store)
	defer h.release()
	sources, err := h.sources(need)
	if err != nil {
		return err
	}
	packs := planPacks(sources, packLimit)
	slices.SortFunc(packs, func(a, b *outgoing) int { return strings.Compare(a.name, b.name) })
	var named []documentPack
	for _, p := range packs {
		named = append(named, documentPack{Name: p.name, Bytes: p.size})
		progress.total += p.size
	}
	for _, p := range packs {
		r := &contextReader{ctx: ctx, r: &metered{r: p.open(), meter: progress}}
		if err := writeEntry(w, packFile(p.name), p.size, r); err != nil {
			return fmt.Errorf("write pack %s: %w", p.name, err)
		}
	}
	raw, err := documentOf(m, named).encode()
	if err != nil {
		return err
	}
	if err := writeEntry(w, documentEntry, int64(len(raw)), bytes.NewReader(raw)); err != nil {
		return err
	}
	_, err = w.Write(make([]byte, 2*tarBlock))
	return err
}

// ErrForeign is a file that Export did not write, or that was changed since.
var ErrForeign = errors.New("snapshotstore: it is not an exported snapshot, or it was changed")

// Import brings the snapshot of an exported file into a store, as Pull does from a shelf. The file must be, to the byte,
// what Export writes: what is cut short, put in another order, changed in a bit, or has something behind it is refused, with
// ErrForeign or a *DamageError that names what is wrong. Of r exactly the file is read, and then one byte more.
func Import(ctx context.Context, store *Store, r io.Reader, progress Progress) (*Pulled, error) {
	f := &exported{r: &metered{r: &contextReader{ctx: ctx, r: r}, meter: &meter{report: progress}}}
	out, err := bring(ctx, store, func(in *incoming) (*Manifest, error) { return f.read(ctx, in) })
	if err != nil {
		return nil, fmt.Errorf("import a snapshot: %w", err)
	}
	return out, nil
}

// exported is an exported file that is read.
type exported struct {
	r     io.Reader
	packs []documentPack
}

// read receives the packs and returns the manifest.
func (f *exported) read(ctx context.Context, in *incoming) (*Manifest, error) {
	for {
		name, size, err := readHeader(f.r)
		if err != nil {
			return nil, err
		}
		if name == documentEntry {
			return f.document(size)
		}
		if err := f.pack(ctx, in, name, size); err != nil {
			return nil, err
		}
	}
}

func (f *exported) pack(ctx context.Context, in *incoming, entry string, size int64) error {
	name, ok := strings.CutPrefix(entry, packFolder)
	switch {
	case !ok || !packNames.MatchString(name):
		return fmt.Errorf("%w: it has an entry %.100q", ErrForeign, entry)
	case len(f.packs) > 0 && name <= f.packs[len(f.packs)-1].Name:
		return fmt.Errorf("%w: pack %s stands behind %s", ErrForeign, name, f.packs[len(f.packs)-1].Name)
	case size < packLeast || size > maxPack || len(f.packs) == maxPacks:
		return fmt.Errorf("%w: pack %s is number %d and has %d bytes; at most %d of %d bytes are taken",
			ErrForeign, name, len(f.packs)+1, size, maxPacks, maxPack)
	}
	f.packs = append(f.packs, documentPack{Name: name, Bytes: size})
	if err := in.receive(ctx, name, size, io.LimitReader(f.r, size)); err != nil {
		return err
	}
	return readPadding(f.r, size)
}

// document reads the entry that ends the file, and the end.
func (f *exported) document(size int64) (*Manifest, error) {
	if size > maxDocument {
		return nil, fmt.Errorf("%w: %s has %d bytes, the most is %d", ErrForeign, documentEntry, size, maxDocument)
	}
	raw := make([]byte, size)
	if _, err := io.ReadFull(f.r, raw); err != nil {
		return nil, cutShort(err)
	}
	if err := readPadding(f.r, size); err != nil {
		return nil, err
	}
	d, err := decodeDocument(raw)
	if err != nil {
		return nil, &DamageError{File: documentEntry, Detail: err.Error()}
	}
	if !slices.Equal(d.Packs, f.packs) {
		return nil, fmt.Errorf("%w: %s names other packs than stand before it", ErrForeign, documentEntry)
	}
	return d.Manifest, readEnd(f.r)
}
