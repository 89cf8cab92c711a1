// Package projection keeps read models: it folds events into tables, stores the tables together with the position that
// they are true at, and hands out consistent views of them.
//
// A [Projection] declares tables in a [Schema] and changes their rows in Apply, one event at a time. A [Store] owns a
// data directory. Its projections stand in groups: a [Group] is the set of those at one position, and commits them
// together. A [Fold] applies events to a group's projections in memory; Seal hands out what has changed as a [Batch],
// Commit stores it with its [Checkpoint] in one transaction, while the next batch is being applied. A [View] shows one
// projection as it was committed at one position.
//
// Rows live in layers: the open batch over the sealed one over deltas (bolt files, the newest first) over a base. A
// read takes the first layer that knows the key. DESIGN.md says how layers come and go, FORMAT.md what is in the files.
//
// [Store.Cut] names what is committed: a snapshot. [Store.Switch] puts a snapshot's state, or any other, in the place of the
// live one in one step, and [Store.Undo] takes that back. [Store.Branch] makes a store beside the live one that begins where
// a snapshot ends, for questions about the past and for states that are to be switched to.
//
// # Guarantees
//
//   - The state at a position is a function of the events up to it. Batches, restarts, caches, splitting and merging
//     groups change not one byte; the [Digests] of a view prove it.
//   - After a crash at any instruction every projection holds exactly the events up to its checkpoint.
//   - Every record is counted under one of five outcomes; one that was refused is kept whole as a [Letter], and nothing
//     of what it wrote remains.
//   - No file is used that was not read whole first. One that is missing, short, damaged or from elsewhere is refused
//     with a [DamageError] that names it, and left as it is; only a missing worker.db is made anew, with everything
//     paused.
//   - A view sees one position for as long as it is open, and never waits for a commit.
//   - A cut takes place at one position of all its projections, costs the next commit some milliseconds, and survives a
//     crash; what a name stands for is never changed, and never removed but by name.
//   - A switch is one replacement of one file: after a crash everything is as it was before, or as it is after.
//   - A data directory has one owner; the next one is refused with a [LockedError] that names the first.
//
// # Caveats
//
// Rows are handed around as pointers; who changes one that was read or put breaks the first guarantee.
// projectiontest.Laws finds that, and most other dependences on something else than the events.
//
// Folds and views pin pages of the files: keep views short, and close both before Close. Merge and Reopen wait for
// those that read the file in question.
//
// Damage that leaves all checksums and the structure of a file right is not found when it is opened, such as a page
// that is as it was in an earlier commit. A file that is damaged while it is open gives a DamageError where a read
// meets it; one that is cut short meanwhile may end the process.
//
// Chunks are verified when they are read, not when a snapshot is switched to. While a manifest cannot be read, or something
// that a name reaches is damaged, nothing is collected.
//
// A group's delta is rotated and folded when its owner asks for it ([Group.Rotate], [Store.Fold]); one that never is can
// grow to 64 GiB (256 MiB where addresses have 32 bits), and a commit that would pass that fails whole.
package projection
