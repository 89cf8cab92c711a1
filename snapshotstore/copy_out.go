package snapshotstore

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// source is an object and where it is to be taken from.
type source struct {
	pack *pack
	line *located
}

// sources returns where the objects stand, in the order in which they are best read. Their packs are kept.
func (h *hold) sources(need map[Hash]bool) ([]source, error) {
	out := make([]source, 0, len(need))
	for hash := range need {
		p, l := h.object(hash)
		if l == nil {
			return nil, &MissingError{Object: hash}
		}
		out = append(out, source{pack: p, line: l})
	}
	sortSources(out)
	return out, nil
}

func sortSources(sources []source) {
	slices.SortFunc(sources, func(a, b source) int {
		return cmp.Or(strings.Compare(a.pack.name, b.pack.name), cmp.Compare(a.line.offset, b.line.offset))
	})
}

// reachable returns the objects that a manifest's commits reach.
func (s *Store) reachable(ctx context.Context, m *Manifest) (map[Hash]bool, error) {
	roots, err := m.Roots()
	if err != nil {
		return nil, err
	}
	out := map[Hash]bool{}
	for _, root := range roots {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := s.mark(root, out); err != nil {
			return nil, fmt.Errorf("find what snapshot %s reaches: %w", m.Name, err)
		}
	}
	return out, nil
}

// outgoing is a pack that is made of objects of others while it is read. Name and length follow from the indexes of the
// others, so they are known before a byte is read.
type outgoing struct {
	name    string
	size    int64
	end     []byte // what stands behind the objects
	sources []source
}

// planPacks spreads objects over packs of about as many stored bytes as limit says.
func planPacks(sources []source, limit int64) []*outgoing {
	var out []*outgoing
	for len(sources) > 0 {
		n, stored := 0, int64(0)
		for n < len(sources) && (n == 0 || stored+int64(sources[n].line.stored) <= limit) {
			stored += int64(sources[n].line.stored)
			n++
		}
		out = append(out, planPack(sources[:n]))
		sources = sources[n:]
	}
	return out
}

func planPack(sources []source) *outgoing {
	o := &outgoing{sources: sources}
	lines := make([]located, 0, len(sources))
	at := uint64(len(packMagic))
	for _, s := range sources {
		l := *s.line
		l.offset = at
		at += uint64(l.stored)
		lines = append(lines, l)
	}
	o.name, o.end = packEnd(lines, at)
	o.size = int64(at) + int64(len(o.end))
	return o
}

// index returns the bytes of the index, whose hash is the name.
func (o *outgoing) index() []byte { return o.end[:len(o.end)-packTrailer] }

// open returns the pack's bytes. Each object is verified before it is handed out.
func (o *outgoing) open() io.Reader { return &outgoingReader{pack: o, rest: []byte(packMagic)} }

type outgoingReader struct {
	pack *outgoing
	next int    // the source behind rest; one more than there are for the end
	rest []byte // not read yet
}

func (r *outgoingReader) Read(p []byte) (int, error) {
	for len(r.rest) == 0 {
		switch {
		case r.next < len(r.pack.sources):
			stored, err := r.pack.sources[r.next].stored()
			if err != nil {
				return 0, err
			}
			r.rest = stored
		case r.next == len(r.pack.sources):
			r.rest = r.pack.end
		default:
			return 0, io.EOF
		}
		r.next++
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// stored returns an object's stored bytes after a look at its hash.
func (s source) stored() ([]byte, error) {
	if _, err := s.pack.read(s.line); err != nil {
		return nil, err
	}
	out := make([]byte, s.line.stored)
	if _, err := s.pack.file.ReadAt(out, int64(s.line.offset)); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read %s: %w", s.pack.file.Name(), err)
	}
	return out, nil
}

// documentOf returns the document of a snapshot that is in these packs.
func documentOf(m *Manifest, packs []documentPack) *document {
	packs = slices.Clone(packs)
	slices.SortFunc(packs, func(a, b documentPack) int { return strings.Compare(a.Name, b.Name) })
	return &document{Manifest: m, Packs: packs}
}

// sameManifest tells whether two manifests have the same file.
func sameManifest(a, b *Manifest) (bool, error) {
	x, err := a.Encode()
	if err != nil {
		return false, err
	}
	y, err := b.Encode()
	return bytes.Equal(x, y), err
}
