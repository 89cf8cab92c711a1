// Package conceptualtest tests what works with conceptual spaces: a state in memory, and the suite that every
// state passes.
//
// [State] is the plainest implementation of [conceptual.State]: Go maps, nothing coalesced, nothing encoded. Tests
// run a history through it and through another state, and compare; or through it alone, and look at the rows.
// [TestState] runs an implementation through what the interface promises.
//
// # Guarantees
//
// What [State] returns is sorted. [State.Check] recomputes counts from the rows, and finds every row that was
// changed after it was put, and every row that is not in its one canonical form.
//
// # Caveats
//
// [State] is for tests: it keeps a copy of every row, and is used from one goroutine.
package conceptualtest
