package natsshelf_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/thecowboyai/cim-projector/eventlog/embedded/embeddedtest"
	"github.com/thecowboyai/cim-projector/snapshotstore"
	"github.com/thecowboyai/cim-projector/snapshotstore/natsshelf"
)

// object is a file of three chunks and the messages that make it.
type object struct {
	*testing.T
	js     jetstream.JetStream
	shelf  *natsshelf.Shelf
	stream jetstream.Stream
	want   []byte
}

func putObject(t *testing.T, js jetstream.JetStream, worker string) object {
	t.Helper()
	o := object{T: t, js: js, shelf: create(t, js, natsshelf.Config{Worker: worker}), want: bytes.Repeat([]byte("abcdefg"), 200_000)}
	if err := o.shelf.Put(t.Context(), "f", bytes.NewReader(o.want)); err != nil {
		t.Fatal(err)
	}
	var err error
	if o.stream, err = js.Stream(t.Context(), "OBJ_"+natsshelf.Bucket(worker)); err != nil {
		t.Fatal(err)
	}
	if got := messages(t, js, worker); got != 4 {
		t.Fatalf("the file has %d messages, want 4", got)
	}
	return o
}

// describe changes the description of the file.
func (o object) describe(change func(info *jetstream.ObjectInfo)) {
	o.Helper()
	m, err := o.stream.GetMsg(o.Context(), 4)
	if err != nil {
		o.Fatal(err)
	}
	var info jetstream.ObjectInfo
	if err := json.Unmarshal(m.Data, &info); err != nil {
		o.Fatal(err)
	}
	change(&info)
	body, err := json.Marshal(info)
	if err != nil {
		o.Fatal(err)
	}
	o.publish(m.Subject, body)
}

func (o object) publish(subject string, body []byte) {
	o.Helper()
	if _, err := o.js.Publish(o.Context(), subject, body); err != nil {
		o.Fatal(err)
	}
}

func (o object) chunkSubject() string {
	o.Helper()
	m, err := o.stream.GetMsg(o.Context(), 1)
	if err != nil {
		o.Fatal(err)
	}
	return m.Subject
}

func (o object) delete(seq uint64) {
	o.Helper()
	if err := o.stream.DeleteMsg(o.Context(), seq); err != nil {
		o.Fatal(err)
	}
}

// Whatever is wrong with the messages of a file, reading it ends with damage that names it.
func TestDamagedObjects(t *testing.T) {
	js := connect(t, embeddedtest.StartProcess(t))
	for name, spoil := range map[string]func(object){
		"first":  func(o object) { o.delete(1) },
		"middle": func(o object) { o.delete(2) },
		"last":   func(o object) { o.delete(3) },
		"all":    func(o object) { o.delete(1); o.delete(2); o.delete(3) },
		"swapped": func(o object) {
			c := o.chunkSubject()
			o.delete(3)
			o.publish(c, bytes.Repeat([]byte("x"), 1_400_000-2*512<<10))
		},
		"size":   func(o object) { o.describe(func(i *jetstream.ObjectInfo) { i.Size++ }) },
		"chunks": func(o object) { o.describe(func(i *jetstream.ObjectInfo) { i.Chunks-- }) },
		"more":   func(o object) { o.describe(func(i *jetstream.ObjectInfo) { i.Chunks++ }) },
		"digest": func(o object) {
			o.describe(func(i *jetstream.ObjectInfo) { i.Digest = i.Digest[:12] + "AAAA" + i.Digest[16:] })
		},
		"nothing": func(o object) { o.describe(func(i *jetstream.ObjectInfo) { i.Digest = "" }) },
		"renamed": func(o object) { o.describe(func(i *jetstream.ObjectInfo) { i.Name = "g" }) },
		"wild":    func(o object) { o.describe(func(i *jetstream.ObjectInfo) { i.NUID = ">" }) },
		"link": func(o object) {
			o.describe(func(i *jetstream.ObjectInfo) {
				i.Opts = &jetstream.ObjectMetaOptions{Link: &jetstream.ObjectLink{Bucket: "b", Name: "n"}}
			})
		},
		"text": func(o object) {
			o.publish("$O.projector-text.M."+base64.URLEncoding.EncodeToString([]byte("f")), []byte("{"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			o := putObject(t, js, name)
			spoil(o)
			got, err := read(t, o.shelf, "f")
			damage, ok := errors.AsType[*snapshotstore.DamageError](err)
			if !ok || !strings.HasPrefix(damage.File, "projector-"+name+"/") && name != "text" {
				t.Errorf("%d bytes are read, %v; want damage that names the file", len(got), err)
			}
		})
	}
}

func TestRemovedWhileRead(t *testing.T) {
	o := putObject(t, connect(t, embeddedtest.StartProcess(t)), "w")
	for _, again := range []bool{true, false} {
		r, err := o.shelf.Open(t.Context(), "f")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(r, make([]byte, 10)); err != nil {
			t.Fatal(err)
		}
		if err := o.shelf.Remove(t.Context(), "f"); err != nil {
			t.Fatal(err)
		}
		if again {
			if err := o.shelf.Put(t.Context(), "f", bytes.NewReader(o.want)); err != nil {
				t.Fatal(err)
			}
		}
		if n, err := io.Copy(io.Discard, r); !errors.Is(err, snapshotstore.ErrNotOnShelf) {
			t.Errorf("reading on what was removed: %d bytes, %v; want ErrNotOnShelf", n, err)
		}
	}
}

// A bucket that is full refuses, and has what it had.
func TestFullBucket(t *testing.T) {
	js := connect(t, embeddedtest.StartProcess(t))
	s := create(t, js, natsshelf.Config{Worker: "w", MaxBytes: 3 << 20})
	content := bytes.Repeat([]byte("x"), 2<<20)
	if err := s.Put(t.Context(), "a", bytes.NewReader(content)); err != nil {
		t.Fatal(err)
	}
	err := s.Put(t.Context(), "b", bytes.NewReader(content))
	if _, ok := errors.AsType[*jetstream.APIError](err); !ok {
		t.Errorf("Put into a full bucket: %v, want the server's refusal", err)
	}
	if _, err := s.Open(t.Context(), "b"); !errors.Is(err, snapshotstore.ErrNotOnShelf) {
		t.Errorf("what did not fit: %v, want ErrNotOnShelf", err)
	}
	if got, err := read(t, s, "a"); err != nil || !bytes.Equal(got, content) {
		t.Errorf("what was there: %d bytes, %v", len(got), err)
	}
	left(t, js, "w")
}

// stoppingAt calls when so many bytes were read, and goes on.
type stoppingAt struct {
	r    io.Reader
	left int
	stop func()
}

func (s *stoppingAt) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if s.left -= n; s.left <= 0 && s.stop != nil {
		s.stop()
		s.stop = nil
	}
	return n, err
}

// A server that dies in the middle of a put has no file when it is back, and another put of it succeeds.
func TestServerDiesWhilePutting(t *testing.T) {
	server := embeddedtest.StartProcess(t)
	js := connect(t, server)
	s := create(t, js, natsshelf.Config{Worker: "w"})
	content := bytes.Repeat([]byte("0123456789abcdef"), 512<<10) // 16 chunks
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	r := &stoppingAt{r: bytes.NewReader(content), left: 3 << 20, stop: server.Kill}
	if err := s.Put(ctx, "a", r); err == nil {
		t.Fatal("a put succeeds whose server was killed")
	}
	js.Conn().Close() // or what it still wants to take back would go out when the server is there again
	server.Restart(t)
	js = connect(t, server)
	s, err := natsshelf.Open(t.Context(), js, "w")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Open(t.Context(), "a"); !errors.Is(err, snapshotstore.ErrNotOnShelf) {
		t.Fatalf("after the restart: %v, want ErrNotOnShelf", err)
	}
	if err := s.Put(t.Context(), "a", bytes.NewReader(content)); err != nil {
		t.Fatal(err)
	}
	if got, err := read(t, s, "a"); err != nil || !bytes.Equal(got, content) {
		t.Errorf("after the second put: %d bytes, %v", len(got), err)
	}
	if n, err := s.Sweep(t.Context(), time.Hour); n != 0 || err != nil {
		t.Errorf("Sweep takes %d puts that may be under way, %v", n, err)
	}
	if n, err := s.Sweep(t.Context(), 0); n != 1 || err != nil {
		t.Errorf("Sweep takes %d puts, %v; want the one that died", n, err)
	}
	left(t, js, "w")
	if got, err := read(t, s, "a"); err != nil || !bytes.Equal(got, content) {
		t.Errorf("after Sweep: %d bytes, %v", len(got), err)
	}
}

// Sweep leaves alone what it cannot tell the owner of.
func TestSweepRefusesWhatItCannotRead(t *testing.T) {
	o := putObject(t, connect(t, embeddedtest.StartProcess(t)), "w")
	o.publish("$O.projector-w.M."+base64.URLEncoding.EncodeToString([]byte("f")), []byte("{"))
	if n, err := o.shelf.Sweep(t.Context(), 0); n != 0 || err == nil {
		t.Errorf("Sweep takes %d puts, %v; want an error", n, err)
	}
}
