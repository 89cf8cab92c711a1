package natsshelf

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/thecowboyai/cim-projector/snapshotstore"
)

// Open opens a file. Its chunks are fetched as they are read, one request each.
func (s *Shelf) Open(ctx context.Context, name string) (io.ReadCloser, error) {
	if err := errors.Join(snapshotstore.CheckShelfName(name), ctx.Err()); err != nil {
		return nil, err
	}
	info, err := s.find(ctx, name)
	if err != nil {
		return nil, err
	}
	digest, err := jetstream.DecodeObjectDigest(info.Digest)
	if err != nil {
		return nil, s.damage(name, "its description has no digest")
	}
	return &reader{shelf: s, ctx: ctx, info: info, want: digest, got: sha256.New()}, nil
}

// reader reads one file.
type reader struct {
	shelf *Shelf
	ctx   context.Context // of Open: it governs the reading
	info  placed
	want  []byte
	got   hash.Hash

	seq    uint64 // of the last chunk
	chunks uint32
	size   uint64
	rest   []byte // of the last chunk, not read yet
	err    error  // what every further Read returns
}

var errClosed = errors.New("natsshelf: the file is closed")

// Close ends the reading. It is idempotent.
func (r *reader) Close() error {
	r.rest, r.err = nil, errClosed
	return nil
}

func (r *reader) Read(p []byte) (int, error) {
	if r.err == nil {
		r.err = r.ctx.Err()
	}
	for r.err == nil && len(r.rest) == 0 {
		if r.chunks == r.info.Chunks {
			r.err = r.end()
		} else {
			r.err = r.fetch()
		}
	}
	if r.err != nil {
		return 0, r.err
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// end returns io.EOF where everything is what was put.
func (r *reader) end() error {
	if r.size != r.info.Size || !bytes.Equal(r.got.Sum(nil), r.want) {
		return r.shelf.damage(r.info.Name, "its content does not match its digest")
	}
	return io.EOF
}

// fetch gets the next chunk.
func (r *reader) fetch() error {
	ctx, cancel := context.WithTimeout(r.ctx, patience)
	defer cancel()
	m, err := r.shelf.stream.GetMsg(ctx, r.seq+1, jetstream.WithGetMsgSubject(r.shelf.chunkPrefix()+r.info.NUID))
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return r.missing()
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", r.info.Name, err)
	}
	r.seq, r.rest = m.Sequence, m.Data
	r.chunks++
	r.size += uint64(len(m.Data))
	r.got.Write(m.Data)
	return nil
}

// missing tells a file that was removed meanwhile from a damaged one.
func (r *reader) missing() error {
	now, err := r.shelf.find(r.ctx, r.info.Name)
	if err == nil && now.NUID == r.info.NUID {
		return r.shelf.damage(r.info.Name, fmt.Sprintf("chunk %d of %d is missing", r.chunks+1, r.info.Chunks))
	}
	if err == nil {
		err = snapshotstore.ErrNotOnShelf
	}
	return fmt.Errorf("read %s: it was removed meanwhile: %w", r.info.Name, err)
}
