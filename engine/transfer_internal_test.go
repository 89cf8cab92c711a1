package engine

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nats-io/nats.go"
)

func transferred(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(dir, "scratch", "transfers"))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	slices.Sort(names)
	return names
}

func begun(t *testing.T, files *transfers, incoming bool, cancel context.CancelCauseFunc) string {
	t.Helper()
	id, f, err := files.begin(incoming, cancel)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return id
}

// What nobody fetches or sends is given up by itself after a while; what a job works on stays, however long that takes.
func TestIdleTransfersAreGivenUp(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		files := newTransfers(dir)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			files.keep(ctx)
		}()
		idle, used := begun(t, files, true, nil), begun(t, files, true, nil)
		working, stopWork := context.WithCancelCause(t.Context())
		busy := begun(t, files, false, stopWork)
		for range 3 {
			<-time.After(transferIdle - 2*transferLook)
			if _, err := files.write(used, 0, nil); err != nil {
				t.Fatal(err)
			}
		}
		if want := slices.Sorted(slices.Values([]string{used, busy})); !slices.Equal(transferred(t, dir), want) {
			t.Errorf("there are %v, want %v", transferred(t, dir), want)
		}
		if _, err := files.write(idle, 0, []byte("late")); err == nil {
			t.Error("a piece of what was given up is taken")
		}
		<-time.After(transferIdle + 2*transferLook)
		if got := transferred(t, dir); !slices.Equal(got, []string{busy}) || working.Err() != nil {
			t.Errorf("there are %v, %v", got, working.Err())
		}
		if err := files.ready(busy, 0); err != nil {
			t.Error(err)
		}
		<-time.After(transferIdle + 2*transferLook)
		if got := transferred(t, dir); len(got) > 0 {
			t.Errorf("there are %v", got)
		}
		stopWork(nil)
		cancel()
		<-ended
	})
}

// Ending a transfer ends what works on it, and a job that comes too late finds nothing.
func TestEndOfATransferEndsItsJob(t *testing.T) {
	files := newTransfers(t.TempDir())
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	id := begun(t, files, false, cancel)
	if _, _, err := files.read(id, 0, 10); err == nil {
		t.Error("a file that is being written is read")
	}
	for range 2 {
		if err := files.end(id); err != nil {
			t.Fatal(err)
		}
	}
	if context.Cause(ctx) != errGivenUp { //nolint:errorlint // this very one
		t.Errorf("the job ends with %v", context.Cause(ctx))
	}
	if err := files.ready(id, 3); err == nil {
		t.Error("it is ready after it was given up")
	}
	if err := files.close(); err != nil {
		t.Fatal(err)
	}
	if err := files.close(); err != nil {
		t.Fatal(err)
	}
}

// A piece in base64 with all that is around it fits into a message of the connection, and is not larger than a request may be.
func TestPiecesFit(t *testing.T) {
	for _, most := range []int64{1 << 10, 2 << 10, 4 << 10, 64 << 10, 1 << 20, 8 << 20, 64 << 20} {
		n := PieceBytes(most)
		if n < leastPiece || n > mostPiece {
			t.Errorf("a piece of %d bytes for %d", n, most)
		}
		encoded := int64((n + 2) / 3 * 4)
		if encoded+pieceSurround/2 > most && most > 1<<10 || encoded > maxRequest-pieceSurround {
			t.Errorf("a piece of %d bytes becomes %d, and the message has %d", n, encoded, most)
		}
	}
	if got := PieceBytes(0); got != leastPiece {
		t.Errorf("a piece of %d bytes where nothing is known", got)
	}
	body := []byte(`{"id":"abcdefghijkl","offset":18446744073709551615,"bytes":"` + string(bytes.Repeat([]byte("A"), mostPiece/3*4+4)) + `"}`)
	if c, err := parseCall(body, nats.Header{}); err != nil {
		t.Error(err)
	} else if p, err := parseTransfer(c); err != nil || len(p.piece) < mostPiece {
		t.Errorf("%d bytes, %v", len(p.piece), err)
	}
}
