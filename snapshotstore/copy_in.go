package snapshotstore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
)

// incoming is a snapshot on its way into a store: packs that are received into files of no name, and proved before the
// store sees any of them.
type incoming struct {
	store *Store
	hold  *hold
	packs []*pack // received; their files are temporary
	made  []*os.File
}

// bring receives a snapshot and lets the store have it, or leaves nothing.
func bring(ctx context.Context, s *Store, receive func(*incoming) (*Manifest, error)) (*Pulled, error) {
	in := &incoming{store: s, hold: newHold(s)}
	m, err := receive(in)
	var out *Pulled
	if err == nil {
		out, err = in.admit(ctx, m)
	}
	if err = errors.Join(err, in.close()); err != nil {
		if out != nil {
			out.Close()
		}
		return nil, err
	}
	return out, nil
}

// receive takes a pack of so many bytes, and looks at everything in it.
func (in *incoming) receive(ctx context.Context, name string, size int64, r io.Reader) error {
	f, err := in.temp()
	if err != nil {
		return err
	}
	crashPoint("pull begun")
	n, err := io.Copy(f, &contextReader{ctx: ctx, r: io.LimitReader(r, size+1)})
	switch {
	case err != nil:
		return fmt.Errorf("receive pack %s: %w", name, err)
	case n != size:
		detail := fmt.Sprintf("it should have %d bytes, and has %s", size, atMost(n, size))
		return &DamageError{File: packFile(name), Detail: detail}
	}
	p := &pack{name: name, file: f}
	if err := p.load(); err != nil {
		return &DamageError{File: packFile(name), Detail: err.Error()}
	}
	if err := p.prove(ctx); err != nil {
		if damage, ok := errors.AsType[*DamageError](err); ok { // by the name that it has where it comes from
			damage.File = packFile(name)
		}
		return err
	}
	in.packs = append(in.packs, p)
	return nil
}

func atMost(n, size int64) string {
	if n > size {
		return "more"
	}
	return fmt.Sprint(n)
}

func (in *incoming) temp() (*os.File, error) {
	f, err := in.store.tempPack()
	if err == nil {
		in.made = append(in.made, f)
	}
	return f, err
}

// prove reads every object, and leaves no byte of the pack unaccounted for.
func (p *pack) prove(ctx context.Context) error {
	lines := slices.Clone(p.index)
	slices.SortFunc(lines, func(a, b located) int {
		if a.offset < b.offset {
			return -1
		}
		return 1
	})
	at := uint64(len(packMagic))
	for i := range lines {
		l := &lines[i]
		if err := ctx.Err(); err != nil {
			return err
		}
		switch {
		case l.offset != at:
			return p.damage(l, fmt.Sprintf("it stands at %d, where the one before it ends at %d", l.offset, at))
		case l.raw > maxObject:
			return p.damage(l, fmt.Sprintf("it is said to have %d bytes, the most is %d", l.raw, maxObject))
		case !slices.Contains([]Kind{KindLeaf, KindBlobby, KindNode, KindBlob, KindCommit}, l.kind):
			return p.damage(l, fmt.Sprintf("there is no kind %q", byte(l.kind)))
		}
		if _, err := p.read(l); err != nil {
			return err
		}
		at += uint64(l.stored)
	}
	if end := uint64(p.size) - uint64(packTrailer) - uint64(p.indexBytes()); at != end {
		return &DamageError{File: p.file.Name(), Detail: fmt.Sprintf("its objects end at %d, and its index begins at %d", at, end)}
	}
	return nil
}

func (p *pack) indexBytes() int64 {
	n := int64(0)
	for i := range p.index {
		n += indexLine + int64(len(p.index[i].filter))
	}
	return n
}

// find returns where an object stands among what was received, or nil.
func (in *incoming) find(hash Hash) (*pack, *located) {
	for _, p := range in.packs {
		if l := p.find(hash); l != nil {
			return p, l
		}
	}
	return nil, nil
}

// admit proves that everything is there which the manifest's commits reach, and lets the store have what it needs of it.
func (in *incoming) admit(ctx context.Context, m *Manifest) (*Pulled, error) {
	roots, err := m.Roots()
	if err != nil {
		return nil, err
	}
	need := map[Hash]bool{} // of what was received
	c := &check{ctx: ctx, find: func(hash Hash) (*pack, *located) {
		if p, l := in.hold.object(hash); l != nil {
			return p, l
		}
		p, l := in.find(hash)
		if l != nil {
			need[hash] = true
		}
		return p, l
	}}
	for _, root := range roots {
		if err := c.commit(root); err != nil {
			return nil, fmt.Errorf("snapshot %s: %w", m.Name, err)
		}
	}
	if err := in.take(ctx, need); err != nil {
		return nil, fmt.Errorf("take over snapshot %s: %w", m.Name, err)
	}
	out := &Pulled{Manifest: m, hold: in.hold}
	in.hold = nil
	return out, nil
}

// arrival is a whole pack that is to get its name.
type arrival struct {
	name string
	file *os.File
}

// wanted returns the packs that are taken as they are, and what is needed of the others: those that are more than half
// useless here, or hold what the store has.
func (in *incoming) wanted(need map[Hash]bool) (whole []arrival, pieces []source) {
	for _, p := range in.packs {
		var wanted []source
		useless, twice := int64(0), false
		for i := range p.index {
			l := &p.index[i]
			if need[l.hash] {
				wanted = append(wanted, source{pack: p, line: l})
				delete(need, l.hash) // another pack may hold it as well
				continue
			}
			useless += int64(l.stored)
			twice = twice || in.store.Has(l.hash)
		}
		if twice || float64(useless) > deadShare*float64(p.size) {
			pieces = append(pieces, wanted...)
		} else if len(wanted) > 0 {
			whole = append(whole, arrival{p.name, p.file})
		}
	}
	sortSources(pieces)
	return whole, pieces
}

// take makes what is needed durable, gives them their names, and lets the store read them.
func (in *incoming) take(ctx context.Context, need map[Hash]bool) error {
	packs, pieces := in.wanted(need)
	for _, o := range planPacks(pieces, packLimit) {
		f, err := in.temp()
		if err != nil {
			return err
		}
		if _, err := io.Copy(f, &contextReader{ctx: ctx, r: o.open()}); err != nil {
			return fmt.Errorf("write pack %s: %w", o.name, err)
		}
		packs = append(packs, arrival{o.name, f})
	}
	for _, a := range packs {
		if err := errors.Join(a.file.Sync(), a.file.Close()); err != nil {
			return err
		}
	}
	crashPoint("pull synced")
	for _, a := range packs {
		if in.hold.pack(a.name) {
			continue
		}
		if err := os.Rename(a.file.Name(), in.store.path(a.name)); err != nil {
			return err
		}
		crashPoint("pull named")
		if err := in.store.attach(a.name); err != nil {
			return err
		}
	}
	return syncDir(in.store.dir)
}

// close removes what was received and did not get a name.
func (in *incoming) close() error {
	var errs []error
	for _, f := range in.made {
		_ = f.Close() // it may be closed already
		if err := os.Remove(f.Name()); err != nil && !errors.Is(err, os.ErrNotExist) {
			errs = append(errs, fmt.Errorf("remove an unfinished pack: %w", err))
		}
	}
	if in.hold != nil {
		in.hold.release()
	}
	return errors.Join(errs...)
}
