package natsshelf_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/thecowboyai/cim-projector/eventlog/embedded/embeddedtest"
	"github.com/thecowboyai/cim-projector/snapshotstore"
	"github.com/thecowboyai/cim-projector/snapshotstore/natsshelf"
	"github.com/thecowboyai/cim-projector/snapshotstore/shelftest"
)

// connect returns a JetStream of a connection of its own.
func connect(t testing.TB, p *embeddedtest.Process) jetstream.JetStream {
	t.Helper()
	js, err := jetstream.New(embeddedtest.Connect(t, p.URL()))
	if err != nil {
		t.Fatal(err)
	}
	return js
}

func create(t testing.TB, js jetstream.JetStream, config natsshelf.Config) *natsshelf.Shelf {
	t.Helper()
	s, err := natsshelf.Create(t.Context(), js, config)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// left fails the test where the bucket holds chunks or names beyond those of its files.
func left(t *testing.T, js jetstream.JetStream, worker string) {
	t.Helper()
	store, err := js.ObjectStore(t.Context(), natsshelf.Bucket(worker))
	if err != nil {
		t.Fatal(err)
	}
	files, err := store.List(t.Context())
	if err != nil && !errors.Is(err, jetstream.ErrNoObjectsFound) {
		t.Fatal(err)
	}
	want := uint64(len(files))
	for _, f := range files {
		want += uint64(f.Chunks)
	}
	if got := messages(t, js, worker); got != want {
		t.Errorf("the bucket of %s has %d messages, its %d files have %d", worker, got, len(files), want)
	}
}

func messages(t testing.TB, js jetstream.JetStream, worker string) uint64 {
	t.Helper()
	stream, err := js.Stream(t.Context(), "OBJ_"+natsshelf.Bucket(worker))
	if err != nil {
		t.Fatal(err)
	}
	return stream.CachedInfo().State.Msgs
}

func TestShelf(t *testing.T) {
	server := embeddedtest.StartProcess(t)
	js, other := connect(t, server), connect(t, server)
	n := 0
	shelftest.TestShelf(t, func(t *testing.T) shelftest.Fixture {
		n++
		worker := fmt.Sprint("suite-", n)
		s := create(t, js, natsshelf.Config{Worker: worker})
		o, err := natsshelf.Open(t.Context(), other, worker)
		if err != nil {
			t.Fatal(err)
		}
		return shelftest.Fixture{Shelf: s, Other: o}
	})
	for i := range n {
		s, err := natsshelf.Open(t.Context(), js, fmt.Sprint("suite-", i+1))
		if err != nil {
			t.Fatal(err)
		}
		// A chunk that was on its way when its put was broken off may have come after the rest was removed.
		if swept, err := s.Sweep(t.Context(), 0); err != nil || swept > 1 {
			t.Errorf("case %d left the chunks of %d puts, %v", i+1, swept, err)
		}
		left(t, js, fmt.Sprint("suite-", i+1))
	}
}

// What one writes, another tool that knows object stores reads, and the other way round.
func TestObjectStoresOfOthers(t *testing.T) {
	js := connect(t, embeddedtest.StartProcess(t))
	s := create(t, js, natsshelf.Config{Worker: "w"})
	store, err := js.ObjectStore(t.Context(), natsshelf.Bucket("w"))
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{0, 1, 700_000, 2_000_000} {
		want := bytes.Repeat([]byte("0123456789"), n/10+1)[:n]
		name := fmt.Sprintf("ours/%d", n)
		if err := s.Put(t.Context(), name, bytes.NewReader(want)); err != nil {
			t.Fatal(err)
		}
		if got, err := store.GetBytes(t.Context(), name); err != nil || !bytes.Equal(got, want) {
			t.Errorf("another tool reads %d bytes of %s, %v", len(got), name, err)
		}
		name = fmt.Sprintf("theirs/%d", n)
		if _, err := store.PutBytes(t.Context(), name, want); err != nil {
			t.Fatal(err)
		}
		if got, err := read(t, s, name); err != nil || !bytes.Equal(got, want) {
			t.Errorf("of another tool's %s, %d bytes are read, %v", name, len(got), err)
		}
		if err := s.Put(t.Context(), name, bytes.NewReader(want)); err != nil {
			t.Errorf("the same content over another tool's: %v", err)
		}
	}
	if err := store.Delete(t.Context(), "theirs/1"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Open(t.Context(), "theirs/1"); !errors.Is(err, snapshotstore.ErrNotOnShelf) {
		t.Errorf("what another tool deleted: %v, want ErrNotOnShelf", err)
	}
	if err := s.Put(t.Context(), "theirs/1", strings.NewReader("again")); err != nil {
		t.Errorf("put where another tool deleted: %v", err)
	}
	if _, err := store.PutBytes(t.Context(), "not a name/", []byte("x")); err != nil {
		t.Fatal(err)
	}
	items, err := s.List(t.Context(), "theirs/")
	if names := names(items); err != nil || !slices.Equal(names, []string{"theirs/0", "theirs/1", "theirs/2000000", "theirs/700000"}) {
		t.Errorf("listed: %v, %v", names, err)
	}
	if err := s.Remove(t.Context(), "ours/700000"); err != nil {
		t.Fatal(err)
	}
	if _, err := store.GetInfo(t.Context(), "ours/700000"); !errors.Is(err, jetstream.ErrObjectNotFound) {
		t.Errorf("another tool finds what was removed: %v", err)
	}
	left(t, js, "w")
}

func names(items []snapshotstore.ShelfItem) []string {
	var out []string
	for _, i := range items {
		out = append(out, i.Name)
	}
	return out
}

func read(t testing.TB, s snapshotstore.Shelf, name string) ([]byte, error) {
	t.Helper()
	r, err := s.Open(t.Context(), name)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

func TestBuckets(t *testing.T) {
	js := connect(t, embeddedtest.StartProcess(t))
	if _, err := natsshelf.Open(t.Context(), js, "w"); !errors.Is(err, natsshelf.ErrNoBucket) {
		t.Errorf("Open without a bucket: %v, want ErrNoBucket", err)
	}
	for _, config := range []natsshelf.Config{
		{}, {Worker: "a b"}, {Worker: "a.b"}, {Worker: "w", Replicas: -1}, {Worker: "w", Replicas: 6}, {Worker: "w", MaxBytes: -1},
	} {
		if _, err := natsshelf.Create(t.Context(), js, config); err == nil {
			t.Errorf("a bucket is made of %+v", config)
		}
	}
	one := create(t, js, natsshelf.Config{Worker: "one", MaxBytes: 1 << 30})
	two := create(t, js, natsshelf.Config{Worker: "two"})
	if err := one.Put(t.Context(), "a", strings.NewReader("of one")); err != nil {
		t.Fatal(err)
	}
	if items, err := two.List(t.Context(), ""); err != nil || len(items) != 0 {
		t.Errorf("another worker sees %v, %v", items, err)
	}
	one = create(t, js, natsshelf.Config{Worker: "one"}) // another limit: the bucket is taken as it is
	if got, err := read(t, one, "a"); err != nil || string(got) != "of one" {
		t.Errorf("after it was created again, the bucket has %q, %v", got, err)
	}
	for worker, config := range map[string]jetstream.ObjectStoreConfig{
		"aging":  {TTL: time.Hour, Storage: jetstream.FileStorage},
		"memory": {Storage: jetstream.MemoryStorage},
	} {
		config.Bucket = natsshelf.Bucket(worker)
		if _, err := js.CreateObjectStore(t.Context(), config); err != nil {
			t.Fatal(err)
		}
		if _, err := natsshelf.Open(t.Context(), js, worker); err == nil {
			t.Errorf("the bucket %s is taken", worker)
		}
		if _, err := natsshelf.Create(t.Context(), js, natsshelf.Config{Worker: worker}); err == nil {
			t.Errorf("the bucket %s is taken by Create", worker)
		}
	}
}
