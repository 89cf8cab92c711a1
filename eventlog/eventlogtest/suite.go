package eventlogtest

import "testing"

// scenario is one case of the suite.
type scenario struct {
	name string
	run  func(*bench)
	need func(Fixture) bool // whether a log can do what the case needs; nil = every one can
}

func canDelete(f Fixture) bool     { return f.Delete != nil }
func canDropBefore(f Fixture) bool { return f.DropBefore != nil }
func canInterrupt(f Fixture) bool  { return f.Interrupt != nil }
func canRecreate(f Fixture) bool   { return f.Recreate != nil }

var scenarios = []scenario{
	{name: "an empty log has bounds around nothing", run: boundsOfEmpty},
	{name: "bounds count what is held", run: boundsCount},
	{name: "bounds of a log whose records are all gone", run: boundsAllGone},
	{name: "seek returns the first record at or after", run: seek},
	{name: "records come in order, each once, unchanged", run: order},
	{name: "headers, bodies and subjects are preserved", run: preserved},
	{name: "a large body is preserved", run: largeBody},
	{name: "many records come in order", run: many},
	{name: "a cursor can begin in the middle and in a hole", run: beginAnywhere},
	{name: "a bounded cursor ends behind its bound", run: boundInTheMiddle},
	{name: "a bounded cursor ends at the log's end at its opening", run: boundCaptured},
	{name: "a bounded cursor ends where its bound is missing", run: boundMissing},
	{name: "a bounded cursor ends behind a missing tail", run: boundTailMissing},
	{name: "a bounded cursor over nothing ends at once", run: boundOverNothing},
	{name: "a cursor from behind the last record waits", run: followFromEnd},
	{name: "a following cursor gets what comes later", run: followAppends},
	{name: "through rises over a missing tail and reading goes on", run: followMissingTail},
	{name: "pending falls to zero at the end", run: pendingAtEnd},
	{name: "a range below the first record is gone", run: gone},
	{name: "a range above the end is beyond", run: beyond},
	{name: "waiting ends with the context and may be taken up again", run: contextInNext},
	{name: "an ended context ends every call", run: contextEnded},
	{name: "close can be repeated and ends a cursor", run: closeTwice},
	{name: "a closed log refuses", run: closedLog},
	{name: "two cursors do not disturb each other", run: twoCursors},
	{name: "reading while others append", run: concurrent},
	{name: "deleted records are not delivered", run: deleted, need: canDelete},
	{name: "a bounded cursor ends when its bound is deleted under it", run: boundDeleted, need: canDelete},
	{name: "a dropped head is gone for new cursors", run: dropped, need: canDropBefore},
	{name: "through rises where the log moves on without records", run: followForward, need: canDropBefore},
	{name: "a lost cursor stays lost and a new one goes on", run: interrupted, need: canInterrupt},
	{name: "a recreated log is never read on in silence", run: recreated, need: canRecreate},
}

// TestLog runs the suite. Open is called once for each case, with the case's test, and returns a fresh log without a
// record; it registers with t.Cleanup what the log needs beside its Close.
func TestLog(t *testing.T, open func(t *testing.T) Fixture) {
	t.Helper()
	var able Fixture
	t.Run("a log opens and closes", func(t *testing.T) { able = newBench(t, open(t)).Fixture })
	for _, s := range scenarios {
		if s.need == nil || s.need(able) {
			t.Run(s.name, func(t *testing.T) { s.run(newBench(t, open(t))) })
		}
	}
}
