package projectiontest

import (
	"strings"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
)

// T is what this package needs of a test: *testing.T, *testing.B and *rapid.T have it.
type T interface {
	Helper()
	Cleanup(func())
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// Open opens a store in a directory. When the test ends it checks every projection, and closes the store. Folds and
// views must be closed by then.
func Open(t T, dir string, projections ...projection.Projection) *projection.Store {
	t.Helper()
	return OpenConfig(t, projection.Config{Dir: dir, Worker: "test", Projections: projections})
}

// OpenConfig is Open with all that can be configured.
func OpenConfig(t T, config projection.Config) *projection.Store {
	t.Helper()
	s, err := projection.Open(config)
	if err != nil {
		t.Fatalf("open %s: %v", config.Dir, err)
	}
	t.Cleanup(func() { finish(t, s, config.Projections) })
	return s
}

// finish checks and closes a store, unless the test closed it before.
func finish(t T, s *projection.Store, projections []projection.Projection) {
	t.Helper()
	if s.Closed() {
		return
	}
	for _, p := range projections {
		Check(t, s, p.Name())
	}
	if err := s.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
}

// Check fails the test with everything that is wrong with a projection's committed state.
func Check(t T, s *projection.Store, name string) {
	t.Helper()
	v, err := s.View(name)
	if err != nil {
		t.Errorf("view of %s: %v", name, err)
		return
	}
	defer v.Close()
	if problems := v.Check(); len(problems) > 0 {
		t.Errorf("%s at %s is not whole:\n%s", name, v.At().Position(), strings.Join(problems, "\n"))
	}
}

// Commit folds records into a group and commits them in one batch.
func Commit(t T, g *projection.Group, records ...eventlog.Record) {
	t.Helper()
	f := fold(t, g)
	defer f.Close()
	apply(t, f, records...)
	seal(t, g, f)
}

// Run folds a history into a projection, in one batch, and returns a view of it. The view lives as long as the test.
func Run(t TempT, p projection.Projection, history []eventlog.Record) *projection.View {
	t.Helper()
	s := Open(t, t.TempDir(), p)
	Commit(t, s.Groups()[0], history...)
	v, err := s.View(p.Name())
	if err != nil {
		t.Fatalf("view of %s: %v", p.Name(), err)
	}
	t.Cleanup(v.Close)
	return v
}

// TempT is a test that has a directory of its own.
type TempT interface {
	T
	TempDir() string
}

func fold(t T, g *projection.Group) *projection.Fold {
	t.Helper()
	f, err := g.Fold()
	if err != nil {
		t.Fatalf("fold of %v: %v", g.Names(), err)
	}
	if f.Position() == 0 {
		f.Pin(Stream)
	}
	return f
}

func apply(t T, f *projection.Fold, records ...eventlog.Record) {
	t.Helper()
	prepare := projection.NewPreparer(f.Projections())
	for _, r := range records {
		in := prepare.Prepare(r, false)
		if err := f.Apply(&in); err != nil {
			t.Fatalf("apply %s: %v", r.Seq, err)
		}
	}
}

func seal(t T, g *projection.Group, f *projection.Fold) {
	t.Helper()
	b, err := f.Seal()
	if err != nil {
		t.Fatalf("seal: %v", err)
	}
	if b == nil {
		return
	}
	if err := g.Commit(b); err != nil {
		t.Fatalf("commit: %v", err)
	}
	f.Committed(b)
}
