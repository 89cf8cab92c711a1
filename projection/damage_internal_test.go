package projection

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// flippedFile is a file with one bit turned.
type flippedFile struct {
	content []byte
	at      int64
	bit     int
}

func (f *flippedFile) ReadAt(p []byte, off int64) (int, error) {
	n, err := bytes.NewReader(f.content).ReadAt(p, off)
	if i := f.at - off; i >= 0 && i < int64(n) {
		p[i] ^= 1 << f.bit
	}
	return n, err
}

// scriptedStore makes a data directory with rows in a tree of pages, an inline bucket, ranges and free pages.
func scriptedStore(t *testing.T, dir string) Config {
	t.Helper()
	config := Config{Dir: dir, Worker: "w", Projections: []Projection{newScripted("p"), newScripted("small")}}
	s, err := Open(config)
	if err != nil {
		t.Fatal(err)
	}
	g := s.Groups()[0]
	f, err := g.Fold()
	if err != nil {
		t.Fatal(err)
	}
	prepare := NewPreparer(f.Projections())
	for seq := 1; seq <= 600; seq++ {
		text := fmt.Sprintf("+key%d -key%d *key%d", seq*7919%1000, seq/2, 500+seq%9)
		body := fmt.Appendf(nil, `{"event_type":"change","payload":%q}`, text)
		in := prepare.Prepare(eventlog.Record{Seq: eventlog.Seq(seq), Subject: "event.x.y", Body: body}, false)
		if err := f.Apply(&in); err != nil {
			t.Fatal(err)
		}
		if seq%200 != 0 {
			continue
		}
		b, err := f.Seal()
		if err != nil {
			t.Fatal(err)
		}
		if err := g.Commit(b); err != nil {
			t.Fatal(err)
		}
		f.Committed(b)
	}
	f.Close()
	if err := errors.Join(s.SetPaused([]string{"small"}, &Pause{Reason: "a test"}), s.Close()); err != nil {
		t.Fatal(err)
	}
	return config
}

// answers opens a store and returns everything that it says.
func answers(t *testing.T, config Config) (string, error) {
	t.Helper()
	s, err := Open(config)
	if err != nil {
		return "", err
	}
	defer s.Close()
	var out bytes.Buffer
	for _, p := range config.Projections {
		v, err := s.View(p.Name())
		if err != nil {
			return "", err
		}
		d, err := v.Digest()
		fmt.Fprintln(&out, v.at, d, err, v.Check())
		v.Close()
	}
	paused, err := s.Paused()
	fmt.Fprintln(&out, paused, err)
	return out.String(), nil
}

// TestFlippedBits turns bits of a delta and of worker.db, one at a time: each is noticed before bbolt sees the file, or
// makes no difference.
func TestFlippedBits(t *testing.T) {
	for _, file := range []string{"deltas/delta-1.db", "worker.db"} {
		t.Run(filepath.Base(file), func(t *testing.T) {
			dir := t.TempDir()
			config := scriptedStore(t, dir)
			want, err := answers(t, config)
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(dir, file)
			whole, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			flipBits(t, path, whole, func(what string) {
				if got, err := answers(t, config); err != nil || got != want {
					t.Errorf("%s was not noticed, and now:\n%s%v\nwant\n%s", what, got, err, want)
				}
			}, func(what string) {
				_, err := answers(t, config)
				if damage, ok := errors.AsType[*DamageError](err); !ok || damage.File != path {
					t.Errorf("%s: %v", what, err)
				}
			})
		})
	}
}

// flipBits turns bits: all of every page's header and first element, one of every other byte on the first pages, and of
// every seventh on the rest. Some of those that the walk does not notice are looked at with same, some of the others
// with refused; more of everything where PROJECTOR_CRASHES is set.
func flipBits(t *testing.T, path string, whole []byte, same, refused func(what string)) {
	stride, step := 499, 7
	if os.Getenv("PROJECTOR_CRASHES") != "" {
		stride, step = 19, 1
	}
	used := len(bytes.TrimRight(whole, "\x00"))
	page := os.Getpagesize()
	noticed, unnoticed := 0, 0
	for at := range used {
		for bit := range 8 {
			if at%page >= 32 && (bit != at%8 || at >= 10*page && at%step != 0) {
				continue
			}
			what := fmt.Sprintf("bit %d of byte %d on page %d", bit, at%page, at/page)
			if walkBolt(&flippedFile{whole, int64(at), bit}, int64(len(whole))) == nil {
				if unnoticed++; unnoticed%stride == 0 {
					flipped(t, path, whole, at, bit, func() { same(what) })
				}
				continue
			}
			if noticed++; noticed%stride == 0 {
				flipped(t, path, whole, at, bit, func() { refused(what) })
			}
		}
	}
	t.Logf("of %d bytes: %d flips noticed, %d without consequence", used, noticed, unnoticed)
	if noticed < used/20 {
		t.Errorf("only %d flips in %d bytes were noticed", noticed, used)
	}
}

// flipped runs fn while one bit of the file is turned.
func flipped(t *testing.T, path string, whole []byte, at, bit int, fn func()) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteAt([]byte{whole[at] ^ 1<<bit}, int64(at)); err != nil {
		t.Fatal(err)
	}
	fn()
	if _, err := f.WriteAt(whole[at:at+1], int64(at)); err != nil {
		t.Fatal(err)
	}
}
