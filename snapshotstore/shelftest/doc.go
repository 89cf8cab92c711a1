// Package shelftest is the suite that every snapshotstore.Shelf has to pass.
//
// A test of a shelf calls [TestShelf] with a function that opens a fresh, empty one. The suite puts, reads, lists and
// removes files, one after the other and many at once, breaks off what it began, and checks what is seen against the
// contract of snapshotstore.Shelf; each case says in a sentence what it is about.
//
// # Guarantees
//
// Every wait of the suite has a deadline: a shelf that hangs fails with the name of the case.
//
// # Caveats
//
// The suite does not crash the shelf, and cannot tell whether what is put is durable: test that beside it. The case of the
// big file measures the memory of the whole process, so a server belongs in another one.
package shelftest
