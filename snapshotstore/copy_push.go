package snapshotstore

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Pushed says what a push did.
type Pushed struct {
	Packs int   // that the shelf did not have
	Bytes int64 // in them
	Total int64 // in all packs that the snapshot needs
}

const (
	// scatter is how many small packs a snapshot may need. Beyond it the smaller half of them is put together.
	scatter = 64

	// smallOnShelf is the size below which a pack counts as small.
	smallOnShelf = packLimit / 2
)

// Push puts a snapshot on a shelf: what its commits reach and no pack there has yet, in packs, then a document that
// names the manifest and the packs that it needs. The snapshot is on the shelf when the document is, and that is put last.
// A snapshot that is there already, with the same manifest, is left as it is; another of its name is ErrNameUsed.
//
// A push that is broken off leaves packs that no document names; the next one makes use of them, or Unshelve removes
// them. Push, Pull and Unshelve may run beside everything that happens to the store, but no two of Push and Unshelve at
// the same time on one shelf (or folder of one, see ShelfFolder), which therefore belongs to one worker.
func Push(ctx context.Context, store *Store, shelf Shelf, m *Manifest, progress Progress) (Pushed, error) {
	out, err := (&push{store: store, shelf: shelf, manifest: m, limit: packLimit, meter: &meter{report: progress}}).run(ctx)
	if err != nil {
		return Pushed{}, fmt.Errorf("push snapshot %s: %w", m.Name, err)
	}
	return out, nil
}

// push is one push under way.
type push struct {
	store    *Store
	shelf    Shelf
	manifest *Manifest
	limit    int64 // stored bytes after which another pack begins
	meter    *meter
	packs    []documentPack // that the snapshot needs
}

func (p *push) run(ctx context.Context) (Pushed, error) {
	if err := checkManifest(p.manifest); err != nil {
		return Pushed{}, err
	}
	if there, err := p.there(ctx); there || err != nil {
		return Pushed{}, err
	}
	need, err := p.store.reachable(ctx, p.manifest)
	if err != nil {
		return Pushed{}, err
	}
	h := newHold(p.store)
	defer h.release()
	if err := p.count(ctx, need); err != nil {
		return Pushed{}, err
	}
	sources, err := h.sources(need)
	if err != nil {
		return Pushed{}, err
	}
	out, err := p.put(ctx, planPacks(sources, p.limit))
	if err != nil {
		return Pushed{}, err
	}
	for _, pack := range p.packs {
		out.Total += pack.Bytes
	}
	return out, p.name(ctx)
}

// there tells whether the shelf has the snapshot.
func (p *push) there(ctx context.Context) (bool, error) {
	d, err := fetchDocument(ctx, p.shelf, p.manifest.Name)
	if errors.Is(err, ErrNoName) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	same, err := sameManifest(d.Manifest, p.manifest)
	if err == nil && !same {
		err = fmt.Errorf("%w: on the shelf", ErrNameUsed)
	}
	if err != nil {
		return true, err
	}
	lost, err := missingPack(ctx, p.shelf, d.Packs)
	if err == nil && lost != "" {
		detail := "its pack " + lost + " is missing or cut short; unshelve it and push again"
		err = &DamageError{File: documentFile(d.Manifest.Name), Detail: detail}
	}
	return true, err
}

// shelved is a pack on a shelf, and what of it a snapshot can use.
type shelved struct {
	name   string
	bytes  int64
	useful []Hash
}

// count takes off need what packs on the shelf have. A pack that is more than half useless here is not counted on: when
// the snapshots are gone that needed the rest, it can go.
func (p *push) count(ctx context.Context, need map[Hash]bool) error {
	packs, err := listPacks(ctx, p.shelf)
	if err != nil {
		return err
	}
	var usable []*shelved
	for _, pack := range packs {
		if err := p.measure(ctx, pack, need); err != nil {
			return err
		}
		if len(pack.useful) == 0 {
			continue
		}
		for _, hash := range pack.useful {
			delete(need, hash)
		}
		usable = append(usable, pack)
	}
	for _, pack := range gather(usable) { // what is put together with others is needed anew
		for _, hash := range pack.useful {
			need[hash] = true
		}
		usable = slices.DeleteFunc(usable, func(o *shelved) bool { return o == pack })
	}
	for _, pack := range usable {
		p.packs = append(p.packs, documentPack{Name: pack.name, Bytes: pack.bytes})
	}
	return nil
}

// gather returns the packs that are to be put together: the smaller half of the small ones, where there are too many.
func gather(packs []*shelved) []*shelved {
	var small []*shelved
	for _, p := range packs {
		if p.bytes < smallOnShelf {
			small = append(small, p)
		}
	}
	if len(small) <= scatter {
		return nil
	}
	slices.SortFunc(small, func(a, b *shelved) int { return cmp.Compare(a.bytes, b.bytes) })
	return small[:len(small)/2]
}

// listPacks returns the packs on a shelf that have their index beside them, the largest first.
func listPacks(ctx context.Context, shelf Shelf) ([]*shelved, error) {
	items, err := shelf.List(ctx, packFolder)
	if err != nil {
		return nil, err
	}
	bytes := map[string]int64{}
	for _, i := range items {
		bytes[i.Name] = i.Bytes
	}
	var out []*shelved
	for _, i := range items {
		name := strings.TrimPrefix(i.Name, packFolder)
		if _, ok := bytes[indexFile(name)]; ok && packNames.MatchString(name) {
			out = append(out, &shelved{name: name, bytes: i.Bytes})
		}
	}
	slices.SortFunc(out, func(a, b *shelved) int {
		return cmp.Or(cmp.Compare(b.bytes, a.bytes), strings.Compare(a.name, b.name))
	})
	return out, nil
}

// measure reads a pack's index and notes what is needed and in it, if that is enough of it.
func (p *push) measure(ctx context.Context, pack *shelved, need map[Hash]bool) error {
	lines, err := fetchIndex(ctx, p.shelf, pack.name)
	if err != nil {
		return err
	}
	size, useful := packLeast, int64(0)
	for i := range lines {
		l := &lines[i]
		size += int64(l.stored) + indexLine + int64(len(l.filter))
		if need[l.hash] {
			useful += int64(l.stored)
			pack.useful = append(pack.useful, l.hash)
		}
	}
	if size != pack.bytes {
		detail := fmt.Sprintf("it should have %d bytes, and has %d", size, pack.bytes)
		return &DamageError{File: packFile(pack.name), Detail: detail}
	}
	if float64(useful) < deadShare*float64(size) {
		pack.useful = nil
	}
	return nil
}

// fetchIndex reads the index of a pack on a shelf.
func fetchIndex(ctx context.Context, shelf Shelf, name string) ([]located, error) {
	file := indexFile(name)
	r, err := shelf.Open(ctx, file)
	if err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(io.LimitReader(r, maxPack))
	if err = errors.Join(err, r.Close()); err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	if sum := sha256.Sum256(raw); hex.EncodeToString(sum[:16])+packSuffix != name {
		return nil, &DamageError{File: file, Detail: "it does not match its name"}
	}
	n := 0
	for rest := raw; len(rest) >= indexLine; n++ { // an index does not say how many lines it has
		rest = rest[min(len(rest), indexLine+filterBytes(rest)):]
	}
	lines, err := decodeIndex(raw, n)
	if err != nil {
		return nil, &DamageError{File: file, Detail: err.Error()}
	}
	return lines, nil
}

// filterBytes is the length of the filter of the line at the beginning of b.
func filterBytes(b []byte) int { return int(b[indexLine-2])<<8 | int(b[indexLine-1]) }

// put puts packs, each with its index behind it.
func (p *push) put(ctx context.Context, packs []*outgoing) (Pushed, error) {
	out := Pushed{Packs: len(packs)}
	for _, o := range packs {
		out.Bytes += o.size
	}
	p.meter.total = out.Bytes
	for _, o := range packs {
		if err := p.shelf.Put(ctx, packFile(o.name), &metered{r: o.open(), meter: p.meter}); err != nil {
			return Pushed{}, err
		}
		crashPoint("pack pushed")
		if err := p.shelf.Put(ctx, indexFile(o.name), bytes.NewReader(o.index())); err != nil {
			return Pushed{}, err
		}
		crashPoint("index pushed")
		p.packs = append(p.packs, documentPack{Name: o.name, Bytes: o.size})
	}
	return out, nil
}

// name puts the document, and takes it back where a pack that it names is gone.
func (p *push) name(ctx context.Context) error {
	raw, err := documentOf(p.manifest, p.packs).encode()
	if err != nil {
		return err
	}
	file := documentFile(p.manifest.Name)
	if err := p.shelf.Put(ctx, file, bytes.NewReader(raw)); err != nil {
		return err
	}
	crashPoint("document pushed")
	lost, err := missingPack(ctx, p.shelf, p.packs)
	if err != nil || lost == "" {
		return err
	}
	err = fmt.Errorf("pack %s was removed from the shelf meanwhile; push again when nobody else changes it", lost)
	return errors.Join(err, p.shelf.Remove(ctx, file))
}

// missingPack returns the name of a pack that is not on the shelf as it should be, or "".
func missingPack(ctx context.Context, shelf Shelf, packs []documentPack) (string, error) {
	items, err := shelf.List(ctx, packFolder)
	if err != nil {
		return "", err
	}
	for _, p := range packs {
		if !slices.Contains(items, ShelfItem{Name: packFile(p.Name), Bytes: p.Bytes}) {
			return p.Name, nil
		}
	}
	return "", nil
}
