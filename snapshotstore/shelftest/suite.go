package shelftest

import (
	"context"
	"testing"
	"time"

	"github.com/thecowboyai/cim-projector/snapshotstore"
)

// patience is how long any one case may take.
const patience = 60 * time.Second

// Fixture is one fresh, empty shelf, and what stands for another process that uses the same place.
type Fixture struct {
	Shelf snapshotstore.Shelf
	Other snapshotstore.Shelf
}

// bench is a fixture in one test, with the deadline of the case.
type bench struct {
	Fixture
	*testing.T
	ctx context.Context
}

var scenarios = []struct {
	name string
	run  func(*bench)
}{
	{"an empty shelf has nothing", empty},
	{"contents of all sizes come back", contents},
	{"content comes back however its reader gives it", readers},
	{"a list is sorted, has sizes, and is cut by a prefix", list},
	{"the same content may be put again", again},
	{"another content under a name is refused", conflict},
	{"names are checked", names},
	{"a content that fails leaves nothing", failingContent},
	{"a put that is broken off leaves nothing", brokenOff},
	{"nothing is seen of a file until it is whole", unseen},
	{"what is removed is gone, and its name is free", removed},
	{"an ended context ends every call", contextEnded},
	{"reading ends with the context", contextInReading},
	{"a reader may be closed early and twice", closedEarly},
	{"many put the same at once", manySame},
	{"many put different contents under a name at once", manyDifferent},
	{"many do different things at once", many},
	{"a big file is streamed", big},
}

// TestShelf runs the suite. Open is called once for each case, with the case's test, and returns a fresh, empty shelf; it
// registers with t.Cleanup what is to be closed.
func TestShelf(t *testing.T, open func(t *testing.T) Fixture) {
	t.Helper()
	for _, s := range scenarios {
		t.Run(s.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			t.Cleanup(cancel)
			s.run(&bench{Fixture: open(t), T: t, ctx: ctx})
		})
	}
}
