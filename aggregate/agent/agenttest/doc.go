// Package agenttest tests what works with agents and system nodes: a state in memory, and the suite that every state
// passes.
//
// [State] is the plainest implementation of [agent.State]: Go maps, nothing coalesced, nothing encoded. Tests run a
// history through it and through another state, and compare; or through it alone, and look at the rows. [TestState]
// runs an implementation through what the interface promises.
//
// # Guarantees
//
// What [State] returns is sorted. [State.Check] recomputes counts from the rows, and finds every row that was changed
// after it was put, and every set that is not one.
//
// # Caveats
//
// [State] is for tests: it keeps a copy of every row, and is used from one goroutine.
package agenttest
