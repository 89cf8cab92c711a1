// Package eventlogtest is the suite that every eventlog.Log has to pass.
//
// A test of a log calls [TestLog] with a function that opens a fresh, empty one. The suite appends records, makes holes
// and reads, and checks every batch that it is given against eventlog's contract; each case says in a sentence what it is
// about. What a log cannot do (deleting a record from a file, say) is a nil function in its [Fixture], and the cases that
// need it are then not part of the suite for that log.
//
// # Guarantees
//
// Every wait of the suite has a deadline: a log that hangs fails with the name of the case. Cursors are closed before the
// log is.
//
// # Caveats
//
// The suite cannot tell why a log is slow, nor whether it leaks: measure that beside it.
package eventlogtest
