// Package memlog is an eventlog.Log in memory, for tests and examples.
//
// A [Log] keeps records in a slice and hands the same records to every cursor. Besides appending it can do to a history
// whatever a stream can suffer: lose a record in the middle ([Log.Delete]), lose its head to limits ([Log.DropBefore]),
// be rolled back ([Log.Rollback]), be deleted and made anew ([Log.Recreate]), interrupt its readers ([Log.Interrupt]) and
// be out of reach ([Log.SetUnavailable]). So a test can build the history that it is afraid of.
//
// # Guarantees
//
// It passes the suite in eventlogtest. Cursors wait on a channel that every change closes: nothing polls, no goroutine is
// started, and a Log made inside a testing/synctest bubble works there.
//
// # Caveats
//
// Nothing is stored. Records are shared between the log and all of its readers; nobody may change them. A Log made
// outside a synctest bubble cannot be waited on inside of it.
package memlog
