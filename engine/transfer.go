package engine

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/thecowboyai/cim-projector/projection"
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
	size     int64 // of what is there
	used     time.Time
	cancel   context.CancelCauseFunc // ends the job that writes or reads the file; nil = none does, and it is given up when it is idle
}

const (
	mostTransfers  = 4
	transferIdle   = 10 * time.Minute // without a piece, and a file is given up
	transferLook   = time.Minute      // how often it is looked for such
	mostPiece      = 512 << 10        // bytes of a piece
	leastPiece     = 64
	pieceSurround  = 1 << 10 // bytes of a message that are not the piece
	mostTransfer   = 1 << 36 // bytes of a file
	transfersAside = "transfers"
)

// PieceBytes is how many bytes of a file fit into one request or answer of a connection with this maximum payload.
func PieceBytes(maxPayload int64) int {
	return int(min(max((maxPayload-pieceSurround)/4*3, leastPiece), mostPiece))
}

func newTransfers(data string) *transfers {
	return &transfers{dir: filepath.Join(data, projection.ScratchDir, transfersAside), known: map[string]*transfer{}}
}

// keep gives up what is idle, until ctx ends.
func (t *transfers) keep(ctx context.Context) {
	tick := time.NewTicker(transferLook)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			t.mu.Lock()
			t.age()
			t.mu.Unlock()
		}
	}
}

// age gives up what was not used for a while. t.mu must be held.
func (t *transfers) age() {
	for id, one := range t.known {
		if one.cancel == nil && time.Since(one.used) > transferIdle {
			delete(t.known, id)
			_ = os.Remove(one.path) // what is left is removed with the folder
		}
	}
}

// close gives everything up. Jobs must have ended.
func (t *transfers) close() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	clear(t.known)
	if err := os.RemoveAll(t.dir); err != nil {
		return fmt.Errorf("remove transferred files: %w", err)
	}
	return nil
}

// begin makes an empty file. With a cancel it is the job's from the first moment.
func (t *transfers) begin(incoming bool, cancel context.CancelCauseFunc) (id string, f *os.File, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.age()
	if len(t.known) >= mostTransfers {
		return "", nil, projection.Fail(projection.Unavailable, "%d files are on their way; try again when one is through", len(t.known))
	}
	if err := os.MkdirAll(t.dir, 0o700); err != nil {
		return "", nil, fmt.Errorf("make the folder of transfers: %w", err)
	}
	id = strings.ToLower(rand.Text()[:jobIDRunes])
	one := &transfer{path: filepath.Join(t.dir, id), incoming: incoming, used: time.Now(), cancel: cancel}
	if f, err = os.OpenFile(one.path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600); err != nil {
		return "", nil, fmt.Errorf("make a file for a transfer: %w", err)
	}
	t.known[id] = one
	return id, f, nil
}

// errGivenUp ends the job of a transfer that nobody wants any more.
var errGivenUp = projection.Fail(projection.Unavailable, "the transfer was given up")

// end gives a file up, and ends what works on it.
func (t *transfers) end(id string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	one := t.known[id]
	if one == nil {
		return nil
	}
	delete(t.known, id)
	if one.cancel != nil {
		one.cancel(errGivenUp)
	}
	if err := os.Remove(one.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove a transferred file: %w", err)
	}
	return nil
}

// find returns a file of the wanted direction that no job works on. t.mu must be held.
func (t *transfers) find(id string, incoming bool) (*transfer, error) {
	one := t.known[id]
	switch {
	case one == nil || one.incoming != incoming:
		return nil, projection.Fail(projection.NotFound, "there is no transfer %.50q; one that was not used for %s is given up", id, transferIdle)
	case one.cancel != nil && incoming:
		return nil, projection.Fail(projection.Refused, "transfer %s is being imported already", id)
	case one.cancel != nil:
		return nil, projection.Fail(projection.Unavailable, "the file of transfer %s is still being written", id)
	}
	one.used = time.Now()
	return one, nil
}

// ready states that a file is whole and may be fetched.
func (t *transfers) ready(id string, size int64) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	one := t.known[id]
	if one == nil {
		return errGivenUp
	}
	one.size, one.used, one.cancel = size, time.Now(), nil
	return nil
}

// read returns a piece of at most so many bytes.
func (t *transfers) read(id string, offset uint64, most int) (piece []byte, last bool, err error) {
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
	piece = make([]byte, min(int64(most), one.size-int64(offset)))
	if _, err := io.ReadFull(io.NewSectionReader(f, int64(offset), int64(len(piece))), piece); err != nil {
		return nil, false, fmt.Errorf("read a transferred file: %w", err)
	}
	return piece, int64(offset)+int64(len(piece)) == one.size, nil
}

// write puts a piece behind what is there, and returns how much that is then. One that was received before changes nothing.
func (t *transfers) write(id string, offset uint64, piece []byte) (size int64, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	one, err := t.find(id, true)
	switch {
	case err != nil:
		return 0, err
	case len(piece) > mostPiece || one.size+int64(len(piece)) > mostTransfer:
		return 0, projection.Fail(projection.BadRequest, "a piece has %d bytes at most, a file %d", mostPiece, int64(mostTransfer))
	case offset <= uint64(one.size) && uint64(len(piece)) <= uint64(one.size)-offset:
		return one.size, nil // it was sent again
	case offset != uint64(one.size):
		fail := projection.Fail(projection.BadRequest, "the file has %d bytes, the piece begins at %d", one.size, offset)
		fail.Details = map[string]any{"bytes": one.size}
		return 0, fail
	}
	f, err := os.OpenFile(one.path, os.O_WRONLY, 0o600)
	if err == nil {
		_, err = f.WriteAt(piece, one.size)
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		return 0, fmt.Errorf("write a transferred file: %w", err) // the next try writes over what came so far
	}
	one.size += int64(len(piece))
	return one.size, nil
}

// take opens a received file for a job, which ends it.
func (t *transfers) take(id string, cancel context.CancelCauseFunc) (*os.File, int64, error) {
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
	one.cancel = cancel
	return f, one.size, nil
}
