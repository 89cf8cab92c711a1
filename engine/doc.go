// Package engine runs a projection worker: it reads a log in order, folds every record into the tables of its projections, commits
// them with their checkpoint, recovers from whatever disturbs it, and answers questions over NATS.
//
// [Open] takes a data directory, [Worker.Run] projects until its context ends, and [Serve] answers on NATS beside it. Projections
// that stand at one position form a group with one runner; a runner lives through one incarnation of its pipeline after another:
//
//	fetch ──► decode (in parallel, order kept) ──► apply ──► commit (while the next batch is applied)
//
// A projection that is behind, because it was added later, paused or failed, has a runner of its own until it comes near the
// others; both are then brought to one position and joined. DESIGN.md says why this cannot lose or repeat an event.
//
// [Worker.Snapshot] names the present, [Worker.Restore] goes back to a name, a sequence or a moment, and [Worker.ViewAsOf] shows a
// projection as of then without touching what is live. All three go the way that live events go: from the best tree at hand, a
// runner with a bound applies the events from there on.
//
// # Guarantees
//
//   - What is committed is exactly what follows from the records at or below the checkpoint, after a crash at any moment.
//   - The state depends on the records and the projections alone: batch sizes, decoders, restarts and interruptions change no
//     byte of it.
//   - Before each commit the log was asked, after the last record of the batch had come, whether it still holds the record that
//     the last commit was made at. Where it holds another one, nothing more is applied, and the state is [Diverged].
//   - Records that the log dropped before they were applied stop a projection with a [GapError], unless Config.AcceptGap says
//     otherwise. Records that cannot be understood never stop it: they are kept as dead letters.
//   - An atomic batch is committed whole or not at all.
//   - A state as of an event is the same whatever snapshot it was made from, and the same as the live one was there.
//   - A restore changes nothing until the new state is whole; a pause that goes with it is stored before.
//   - Memory follows Config.MemoryBudget; every queue has a limit; an idle worker writes nothing.
//
// # Caveats
//
// Where events were deleted from the middle of a stream, what is made from it now is another state than what was made before.
// A past that is kept in memory is not proved again while it is.
//
// A stream that was purged, rolled back and has grown again between two commits, so that nothing is left of what could prove the
// old history, cannot be told from one that was only purged: Config.Strict stops where no proof is left. Latency at the head of the
// stream is one request to the server and one sync of the disk. Run returns once; a worker is not started again.
package engine
