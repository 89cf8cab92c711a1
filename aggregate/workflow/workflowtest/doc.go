// Package workflowtest tests what works with workflows: a state in memory, and the suite that every state passes.
//
// [State] is the plainest implementation of [workflow.State]: Go maps, no index, nothing encoded. Tests run a history through it
// and through another state, and compare; or through it alone, and look at the rows. [TestState] runs an implementation
// through what the interface promises.
//
// # Guarantees
//
// What [State] returns is sorted. [State.Check] finds every row that was changed after it was put, histories that do not belong to
// their process, and rows that are not in their canonical form.
//
// # Caveats
//
// [State] is for tests: it answers every lookup by looking at all rows, keeps a copy of each, and is used from one goroutine.
package workflowtest
