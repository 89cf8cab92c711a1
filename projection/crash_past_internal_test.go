//go:build unix

package projection

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/snapshotstore"
)

// pastChild cuts, folds, restores, undoes, forgets, collects and looks at the past in turn, and says on its standard output what
// it is about to do and what it has done. nth is counted over goroutines: deltas are removed in the background.
func pastChild() {
	s, steps := openToCrash()
	from, err := strconv.Atoi(os.Getenv("CRASH_FROM"))
	must(err)
	for step := range steps {
		pastSteps[(from+step)%len(pastSteps)](s)
	}
	must(s.Close())
}

// pastSteps are made one after the other.
var pastSteps = []func(*Store){
	goOn, pastCut, goOn, func(s *Store) { rotateAndFold(s, s.Groups()) },
	goOn, pastCut, foldSome, lookBack, goOn, restoreSome, goOn, pastCut, foldSome,
	pastUndo, goOn, func(s *Store) { rotateAndFold(s, s.Groups()) }, removeSome, collectAll, goBack, goOn, pastCut, rejoin, foldSome,
	goOn, func(s *Store) { must(s.foldAllFrozen(context.Background())) }, dropUndo, collectAll, split, pastUndo, rejoin,
}

func goOn(s *Store) {
	to := eventlog.Seq(0)
	for _, g := range s.Groups() {
		to = max(to, position(g)+eventlog.Seq(1+rand.IntN(25)))
	}
	for _, g := range s.Groups() {
		foldTo(g, to)
	}
}

func foldSome(s *Store) {
	_, err := s.Fold(context.Background())
	must(err)
}

func pastCut(s *Store) {
	name := fmt.Sprintf("s%x", rand.Uint64())
	fmt.Println("cutting", name, position(s.Groups()[0]))
	err := s.Cut(Cut{Name: name})
	if errors.Is(err, ErrFrozen) || errors.Is(err, ErrNothing) || errors.Is(err, ErrCutApart) {
		return
	}
	must(err)
	fmt.Println("cut", name, position(s.Groups()[0]))
}

// someStarts chooses a snapshot, or the beginning where there is none.
func someStarts(s *Store) ([]Start, eventlog.Seq) {
	have, err := s.Snapshots()
	must(err)
	if len(have) == 0 {
		return []Start{{Projection: "p"}, {Projection: "q"}}, 0
	}
	m := have[rand.IntN(len(have))]
	return []Start{{"p", m.Projections[0].Commit}, {"q", m.Projections[1].Commit}}, eventlog.Seq(m.StreamSequence)
}

func restoreSome(s *Store) {
	starts, at := someStarts(s)
	switching(s, map[string]eventlog.Seq{"p": at, "q": at}, func() error { return s.Switch(starts, "a test") })
}

func pastUndo(s *Store) {
	if s.live.Undo == nil {
		return
	}
	sets, err := s.undoSets()
	must(err)
	to := map[string]eventlog.Seq{}
	for _, one := range sets {
		for _, p := range one.projections {
			to[p.Name] = one.at.Seq
		}
	}
	switching(s, to, s.Undo)
}

// switching says where what is live will stand.
func switching(s *Store, to map[string]eventlog.Seq, put func() error) {
	fmt.Println("switching", "p", to["p"])
	fmt.Println("switching", "q", to["q"])
	err := put()
	if errors.Is(err, ErrCutting) {
		must(s.foldAllFrozen(context.Background()))
		err = put()
	}
	must(err)
	fmt.Println("committed", "p", to["p"])
	fmt.Println("committed", "q", to["q"])
}

// branchOff makes the state as of some event beside the live one.
func branchOff(s *Store) (*Store, eventlog.Seq) {
	starts, at := someStarts(s)
	made, err := s.Branch(starts)
	must(err)
	at += eventlog.Seq(rand.IntN(30))
	quiet := progress
	progress = io.Discard
	defer func() { progress = quiet }()
	for _, g := range made.Groups() {
		foldTo(g, at)
	}
	return made, position(made.Groups()[0])
}

func lookBack(s *Store) {
	made, _ := branchOff(s)
	must(made.Close())
}

func goBack(s *Store) {
	made, at := branchOff(s)
	starts, err := made.Flatten(context.Background())
	must(err)
	switching(s, map[string]eventlog.Seq{"p": at, "q": at}, func() error { return s.Switch(starts, "a test") })
	must(made.Close())
}

func removeSome(s *Store) {
	have, err := s.Snapshots()
	must(err)
	for _, m := range have {
		if rand.IntN(2) == 0 {
			fmt.Println("removing", m.Name)
			must(s.RemoveSnapshot(m.Name))
			fmt.Println("removed", m.Name)
		}
	}
}

func collectAll(s *Store) {
	_, err := s.Collect()
	must(err)
}

func dropUndo(s *Store) {
	if err := s.DropUndo(); !errors.Is(err, ErrCutting) {
		must(err)
	}
}

func split(s *Store) { must(s.GroupOf("q").Detach("q")) }

func rejoin(s *Store) {
	if len(s.Groups()) == 1 {
		return
	}
	goOn(s)
	must(s.foldAllFrozen(context.Background())) // no snapshot waits for what is merged
	groups := s.Groups()
	must(groups[0].Merge(groups[1]))
}

// past is what a child said.
type past struct {
	committed map[string]eventlog.Seq // of each projection, what is live at least
	switching map[string]eventlog.Seq // where it stands instead, where the switch came to its end unheard
	cutting   map[string]eventlog.Seq // snapshots that were asked for
	cut       map[string]bool         // of them, those that were taken on
	removing  map[string]bool
	removed   map[string]bool
}

func newPast() *past {
	return &past{
		committed: map[string]eventlog.Seq{}, switching: map[string]eventlog.Seq{}, cutting: map[string]eventlog.Seq{},
		cut: map[string]bool{}, removing: map[string]bool{}, removed: map[string]bool{},
	}
}

func (h *past) hear(line string) {
	words := strings.Fields(line)
	var at eventlog.Seq
	if len(words) == 3 {
		n, _ := eventlog.ParseSeq(words[2])
		at = n
	}
	switch words[0] {
	case "committed":
		h.committed[words[1]] = at
		delete(h.switching, words[1])
	case "switching":
		h.switching[words[1]] = at
	case "cutting":
		h.cutting[words[1]] = at
	case "cut":
		h.cut[words[1]] = true
	case "removing":
		h.removing[words[1]] = true
	case "removed":
		h.removed[words[1]] = true
	}
}

// runPast runs the child until it ends, or until it has said so many lines; then it is killed.
func (h *past) run(t *testing.T, dir, point string, nth, from, steps, lines int) (ended bool) {
	t.Helper()
	cmd, out := child(t, "past", "CRASH_DIR="+dir, "CRASH_POINT="+point, "CRASH_NTH="+strconv.Itoa(nth),
		"CRASH_STEPS="+strconv.Itoa(steps), "CRASH_FROM="+strconv.Itoa(from))
	said := bufio.NewScanner(out)
	for n := 0; said.Scan(); n++ {
		h.hear(said.Text())
		if n == lines {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	err := cmd.Wait()
	if err != nil && cmd.ProcessState.ExitCode() != -1 {
		t.Fatalf("the child failed: %v", err)
	}
	return err == nil
}

// check opens what a child left: everything that was said is there, and nothing that nothing names.
func (h *past) check(t *testing.T, dir, what string) {
	t.Helper()
	config := crashConfig(dir)
	s, err := Open(config)
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	defer s.Close()
	h.checkLive(t, s, what)
	h.checkNames(t, s, what)
	checkFiles(t, s, what)
	if err := s.foldAllFrozen(t.Context()); err != nil {
		t.Fatalf("%s: fold: %v", what, err)
	}
	if _, err := s.Collect(); err != nil {
		t.Fatalf("%s: collect: %v", what, err)
	}
	for _, c := range s.Cuts() {
		t.Errorf("%s: everything is folded, and snapshot %s is not complete", what, c.Name)
	}
	have, err := s.Snapshots()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	for _, m := range have {
		checkSnapshot(t, s, m, what)
	}
	if s.live.Undo != nil {
		checkUndo(t, s, what)
	}
	clear(h.switching)
	for _, p := range config.Projections {
		h.committed[p.Name()] = position(s.GroupOf(p.Name()))
	}
}

// checkLive holds what is live against the records up to its checkpoint, which must be where the child said.
func (h *past) checkLive(t *testing.T, s *Store, what string) {
	t.Helper()
	for _, p := range s.config.Projections {
		v, err := s.View(p.Name())
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		at, other := v.At().Seq, false
		if to, ok := h.switching[p.Name()]; ok {
			other = at == to
		}
		if at < h.committed[p.Name()] && !other {
			t.Errorf("%s: %s is at %s; %s was committed, or the switch was to %v", what, p.Name(), at, h.committed[p.Name()], h.switching)
		}
		compareScripted(t, v, p.(*scripted), what)
		v.Close()
	}
}

// checkNames looks for the snapshots that were taken on, and for those that were removed.
func (h *past) checkNames(t *testing.T, s *Store, what string) {
	t.Helper()
	at := map[string]eventlog.Seq{}
	have, err := s.Snapshots()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	for _, m := range have {
		at[m.Name] = eventlog.Seq(m.StreamSequence)
	}
	for _, m := range s.Cuts() {
		at[m.Name] = eventlog.Seq(m.StreamSequence)
	}
	for name := range h.cut {
		if _, ok := at[name]; !ok && !h.removing[name] {
			t.Errorf("%s: snapshot %s is lost", what, name)
		}
	}
	for name, seq := range at {
		if h.removed[name] {
			t.Errorf("%s: snapshot %s is there again", what, name)
		}
		if seq != h.cutting[name] {
			t.Errorf("%s: snapshot %s is of %s, and was cut at %s", what, name, seq, h.cutting[name])
		}
	}
}

// checkSnapshot reads what a manifest names.
func checkSnapshot(t *testing.T, s *Store, m *snapshotstore.Manifest, what string) {
	t.Helper()
	what = fmt.Sprintf("%s: snapshot %s", what, m.Name)
	var starts []Start
	for _, p := range m.Projections {
		starts = append(starts, Start{p.Name, p.Commit})
	}
	made, err := s.Branch(starts)
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	defer made.Close()
	for _, p := range m.Projections {
		v, err := made.View(p.Name)
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if uint64(v.At().Seq) != m.StreamSequence {
			t.Errorf("%s is of %d, and its tree of %s", what, m.StreamSequence, v.At().Seq)
		}
		compareScripted(t, v, s.configured(p.Name).(*scripted), what)
		if d, err := v.Digest(); err != nil || d.State.String() != p.Digest {
			t.Errorf("%s: the digest of %s is %v, %v, want %s", what, p.Name, d.State, err, p.Digest)
		}
		v.Close()
	}
}

// checkUndo brings back what can be undone, and puts it away again.
func checkUndo(t *testing.T, s *Store, what string) {
	t.Helper()
	for range 2 {
		if err := s.Undo(); err != nil {
			t.Fatalf("%s: undo: %v", what, err)
		}
		for _, p := range s.config.Projections {
			v, err := s.View(p.Name())
			if err != nil {
				t.Fatalf("%s: %v", what, err)
			}
			compareScripted(t, v, p.(*scripted), what+", after undo")
			v.Close()
		}
	}
}

// checkFiles looks for files that nothing names.
func checkFiles(t *testing.T, s *Store, what string) {
	t.Helper()
	deltas, err := s.deltaFiles()
	if err != nil || len(deltas) != len(s.live.Deltas) {
		t.Errorf("%s: the files %v are there, LIVE names %v, %v", what, deltas, s.live.Deltas, err)
	}
	known := []string{liveFile, livePrev, lockFile, factsFile, liveFile + ".tmp", livePrev + ".tmp", deltasDir, chunksDir, snapshotsDir}
	for _, name := range names(t, s.config.Dir) {
		if !slices.Contains(known, name) {
			t.Errorf("%s: %s is there, and nothing names it", what, name)
		}
	}
	for _, dir := range []string{chunksDir, snapshotsDir} {
		for _, name := range names(t, filepath.Join(s.config.Dir, dir)) {
			if strings.HasSuffix(name, ".tmp") {
				t.Errorf("%s: %s/%s was not finished, and is there", what, dir, name)
			}
		}
	}
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

// checkRoom gives everything up but what is live, and holds the disk against one where nothing else ever was.
func checkRoom(t *testing.T, dir, what string) {
	t.Helper()
	s, err := Open(crashConfig(dir))
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	defer s.Close()
	if err := s.foldAllFrozen(t.Context()); err != nil {
		t.Fatal(err)
	}
	have, err := s.Snapshots()
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range have {
		if err := s.RemoveSnapshot(m.Name); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.DropUndo(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Flatten(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.edit(func(*live) {}); err != nil { // the predecessor names what was before
		t.Fatal(err)
	}
	if _, err := s.Collect(); err != nil {
		t.Fatal(err)
	}
	fresh, err := Open(crashConfig(t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	defer fresh.Close()
	foldTo(fresh.Groups()[0], position(s.GroupOf("p")))
	if _, err := fresh.Flatten(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, want := s.chunks.Bytes(), fresh.chunks.Bytes(); got > 3*want {
		t.Errorf("%s: %d bytes are left of chunks, what is live takes %d alone", what, got, want)
	}
	if got := len(s.live.Deltas); got > 2 {
		t.Errorf("%s: %d deltas are left", what, got)
	}
}

// TestCrashInThePast stops a process dead between the steps of snapshots and switches.
func TestCrashInThePast(t *testing.T) {
	points := []string{
		"LIVE written", "LIVE named", "delta written", "delta named", "merge live", "fold packed", "fold live", "cut complete", "cut named",
		"switched", "undo dropped",
	}
	for _, point := range points {
		t.Run(point, func(t *testing.T) {
			nth := 1
			for _, more := range []int{0, 2, 5} {
				nth += more
				dir, h := t.TempDir(), newPast()
				ended := h.run(t, dir, point, nth, 0, len(pastSteps), -1)
				if ended && nth == 1 {
					t.Errorf("the process never came to the point")
				}
				what := fmt.Sprintf("crash at the %d. %q", nth, point)
				h.check(t, dir, what)
				h.run(t, dir, "", 0, rand.IntN(len(pastSteps)), 10, -1)
				h.check(t, dir, what+", and on")
				checkRoom(t, dir, what)
				if ended {
					break
				}
			}
		})
	}
}

// TestKillInThePast kills a process at random moments, again and again on one directory.
func TestKillInThePast(t *testing.T) {
	kills := 8
	if n, err := strconv.Atoi(os.Getenv("PROJECTOR_CRASHES")); err == nil {
		kills = n
	}
	dir, h := t.TempDir(), newPast()
	for i := range kills {
		h.run(t, dir, "", 0, rand.IntN(len(pastSteps)), 2*len(pastSteps), rand.IntN(40))
		h.check(t, dir, fmt.Sprintf("kill %d", i+1))
	}
	checkRoom(t, dir, "killed so often")
}
