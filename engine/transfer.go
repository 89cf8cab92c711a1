package engine

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/snapshotstore"
)

// transfers are exported files on their way over NATS, in pieces: those that were written to be fetched, and those that are being
// received. They lie beside the branches, and mean nothing after a restart.
type transfers struct {
	dir string

	mu    sync.Mutex // protects the fields below, and is held while a piece is read or written
	known map[string]*transfer
}

// transfer is one file.
type transfer struct {
	path     string
	incoming bool
	size     int64
	used     time.Time
}

const (
	mostTransfers  = 4
	transferIdle   = 10 * time.Minute // without a piece, and a file is given up
	transferPiece  = 512 << 10        // bytes of a piece
	mostTransfer   = 1 << 36          // bytes of a file
	transfersAside = "transfers"
)

func newTransfers(data string) *transfers {
	return &transfers{dir: filepath.Join(data, projection.ScratchDir, transfersAside), known: map[string]*transfer{}}
}

// begin makes an empty file.
func (t *transfers) begin(incoming bool) (id string, f *os.File, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.age(time.Now())
	if len(t.known) >= mostTransfers {
		return "", nil, projection.Fail(projection.Unavailable, "%d files are on their way; try again when one is through", len(t.known))
	}
	if err := os.MkdirAll(t.dir, 0o700); err != nil {
		return "", nil, fmt.Errorf("make the folder of transfers: %w", err)
	}
	id = strings.ToLower(rand.Text()[:jobIDRunes])
	one := &transfer{path: filepath.Join(t.dir, id), incoming: incoming, used: time.Now()}
	if f, err = os.OpenFile(one.path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600); err != nil {
		return "", nil, fmt.Errorf("make a file for a transfer: %w", err)
	}
	t.known[id] = one
	return id, f, nil
}

// age gives up what was not used for a while. t.mu must be held.
func (t *transfers) age(now time.Time) {
	for id, one := range t.known {
		if now.Sub(one.used) > transferIdle {
			delete(t.known, id)
			_ = os.Remove(one.path) // what is left is removed with the folder at the next start
		}
	}
}

// end gives a file up.
func (t *transfers) end(id string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	one := t.known[id]
	if one == nil {
		return nil
	}
	delete(t.known, id)
	if err := os.Remove(one.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove a transferred file: %w", err)
	}
	return nil
}

// find returns a file of the wanted direction. t.mu must be held.
func (t *transfers) find(id string, incoming bool) (*transfer, error) {
	one := t.known[id]
	if one == nil || one.incoming != incoming {
		return nil, projection.Fail(projection.NotFound, "there is no transfer %q; one that was not used for %s is given up", id, transferIdle)
	}
	one.used = time.Now()
	return one, nil
}

// ready states that a file is whole and may be fetched.
func (t *transfers) ready(id string, size int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if one := t.known[id]; one != nil {
		one.size, one.used = size, time.Now()
	}
}

// read returns a piece.
func (t *transfers) read(id string, offset uint64) (piece []byte, last bool, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	one, err := t.find(id, false)
	if err != nil {
		return nil, false, err
	}
	if offset > uint64(one.size) {
		return nil, false, projection.Fail(projection.BadRequest, "offset %d is behind the end of the file at %d", offset, one.size)
	}
	f, err := os.Open(one.path)
	if err != nil {
		return nil, false, fmt.Errorf("read a transferred file: %w", err)
	}
	defer f.Close()
	piece = make([]byte, min(transferPiece, one.size-int64(offset)))
	if _, err := f.ReadAt(piece, int64(offset)); err != nil && !errors.Is(err, io.EOF) {
		return nil, false, fmt.Errorf("read a transferred file: %w", err)
	}
	return piece, int64(offset)+int64(len(piece)) == one.size, nil
}

// write puts a piece behind what is there. One that was received before is taken as it is.
func (t *transfers) write(id string, offset uint64, piece []byte) (size int64, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	one, err := t.find(id, true)
	switch {
	case err != nil:
		return 0, err
	case len(piece) > transferPiece || one.size+int64(len(piece)) > mostTransfer:
		return 0, projection.Fail(projection.BadRequest, "a piece has %d bytes at most, a file %d", transferPiece, int64(mostTransfer))
	case offset+uint64(len(piece)) <= uint64(one.size):
		return one.size, nil // it was sent again
	case offset != uint64(one.size):
		return 0, projection.Fail(projection.BadRequest, "the file has %d bytes, the piece begins at %d", one.size, offset)
	}
	f, err := os.OpenFile(one.path, os.O_WRONLY, 0o600)
	if err == nil {
		_, err = f.WriteAt(piece, one.size)
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		return 0, fmt.Errorf("write a transferred file: %w", err)
	}
	one.size += int64(len(piece))
	return one.size, nil
}

// open opens a received file.
func (t *transfers) open(id string) (*os.File, int64, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	one, err := t.find(id, true)
	if err != nil {
		return nil, 0, err
	}
	f, err := os.Open(one.path)
	if err != nil {
		return nil, 0, fmt.Errorf("read a transferred file: %w", err)
	}
	return f, one.size, nil
}

// TransferReport is a file that can be fetched, or is being received.
type TransferReport struct {
	ID    string `json:"id"`
	Bytes int64  `json:"bytes"`
}

// TransferPiece is a part of a file.
type TransferPiece struct {
	Bytes []byte `json:"bytes"` // base64
	Last  bool   `json:"last"`
}

// transferParams is what requests about transfers may say.
type transferParams struct {
	id, name, as string
	offset       uint64
	piece        []byte
}

func parseTransfer(c call) (p transferParams, err error) {
	field := c.request.Params.Object(func(name string, v eventlog.Value) (err *eventlog.FieldError) {
		if v.IsNull() {
			return nil
		}
		var encoded string
		switch name {
		case "id":
			p.id, err = v.Text()
		case "name":
			p.name, err = v.Text()
		case "as":
			p.as, err = v.Text()
		case "offset":
			p.offset, err = v.Uint64()
		case "bytes":
			if encoded, err = v.Text(); err != nil {
				break
			}
			var bad error
			if p.piece, bad = base64.StdEncoding.DecodeString(encoded); bad != nil {
				err = eventlog.Refuse(eventlog.CodeWrongType, "")
			}
		}
		return err.InIfAny(name)
	})
	if field != nil {
		return p, badField(field)
	}
	return p, nil
}

// snapshotExport writes a snapshot to a file here, from where it is fetched in pieces.
func (s *Service) snapshotExport(ctx context.Context, c call) (reply, error) {
	p, err := parseTransfer(c)
	if err != nil {
		return reply{}, err
	}
	if _, err := s.worker.SnapshotNamed(p.name); err != nil {
		return reply{}, err
	}
	r := s.jobs.start(s.base, "export", func(ctx context.Context, progress func(done, of uint64)) (any, error) {
		return s.export(ctx, p.name, progress)
	})
	job, err := s.jobs.wait(ctx, r)
	return reply{Data: job}, err
}

func (s *Service) export(ctx context.Context, name string, progress func(done, of uint64)) (TransferReport, error) {
	id, f, err := s.transfers.begin(false)
	if err != nil {
		return TransferReport{}, err
	}
	err = s.worker.store.Export(ctx, name, f, func(done, total int64) { progress(uint64(done), uint64(total)) })
	size, seekErr := f.Seek(0, io.SeekCurrent)
	if err = errors.Join(err, seekErr, f.Close()); err != nil {
		return TransferReport{}, errors.Join(err, s.transfers.end(id))
	}
	s.transfers.ready(id, size)
	return TransferReport{ID: id, Bytes: size}, nil
}

func (s *Service) transferRead(_ context.Context, c call) (reply, error) {
	p, err := parseTransfer(c)
	if err != nil {
		return reply{}, err
	}
	piece, last, err := s.transfers.read(p.id, p.offset)
	return reply{Data: TransferPiece{Bytes: piece, Last: last}}, err
}

func (s *Service) transferEnd(_ context.Context, c call) (reply, error) {
	p, err := parseTransfer(c)
	if err != nil {
		return reply{}, err
	}
	return reply{Data: TransferReport{ID: p.id}}, s.transfers.end(p.id)
}

func (s *Service) transferBegin(_ context.Context, _ call) (reply, error) {
	id, f, err := s.transfers.begin(true)
	if err != nil {
		return reply{}, err
	}
	return reply{Data: TransferReport{ID: id}}, f.Close()
}

func (s *Service) transferWrite(_ context.Context, c call) (reply, error) {
	p, err := parseTransfer(c)
	if err != nil {
		return reply{}, err
	}
	size, err := s.transfers.write(p.id, p.offset, p.piece)
	return reply{Data: TransferReport{ID: p.id, Bytes: size}}, err
}

// snapshotImport takes in the snapshot of a file that was received.
func (s *Service) snapshotImport(ctx context.Context, c call) (reply, error) {
	p, err := parseTransfer(c)
	if err != nil {
		return reply{}, err
	}
	f, size, err := s.transfers.open(p.id)
	if err != nil {
		return reply{}, err
	}
	r := s.jobs.start(s.base, "import", func(ctx context.Context, progress func(done, of uint64)) (any, error) {
		m, err := s.worker.Import(ctx, f, p.as, func(done, _ int64) { progress(uint64(done), uint64(size)) })
		err = errors.Join(err, f.Close(), s.transfers.end(p.id))
		if err != nil {
			return nil, err
		}
		return metadataOf(m), nil
	})
	job, err := s.jobs.wait(ctx, r)
	return reply{Data: job}, err
}

// Export writes a snapshot as one file.
func (w *Worker) Export(ctx context.Context, name string, to io.Writer, progress snapshotstore.Progress) error {
	return w.store.Export(ctx, name, to, progress)
}

// Import takes the snapshot of an exported file in, under another name where as is not "".
func (w *Worker) Import(ctx context.Context, from io.Reader, as string, progress snapshotstore.Progress) (*snapshotstore.Manifest, error) {
	m, err := w.store.Import(ctx, from, as, progress)
	if err != nil {
		return nil, err
	}
	w.config.Logger.Info("a snapshot was imported", "name", m.Name, "sequence", m.StreamSequence)
	w.shelver.wake()
	return m, nil
}
