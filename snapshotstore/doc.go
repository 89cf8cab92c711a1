// Package snapshotstore holds the immutable form of read models: sorted rows cut into leaves, leaves into a tree, every
// part named by its hash.
//
// The rule by which rows become a tree ([Boundaries]) looks at keys alone, so the same set of rows has the same root
// whatever path led to it and however the rows are spread over files. [Hasher] computes a root; the state digest of a
// projection is made of roots ([Digest]). A [Store] is a folder of packs: a [Writer] adds the trees that tables become by
// their changes ([Writer.Fold]) and the [Commit] that names their roots, a [Tree] reads them in place, [Diff] finds the
// rows that two trees do not share, and [Store.Collect] removes what nothing names any more. FORMAT.md gives everything
// to the byte.
//
// A [Manifest] is a snapshot: a name for commits, kept by [Names]. [Push] and [Pull] copy snapshots to and from a [Shelf],
// a place for immutable files: a directory ([DirShelf]), or a bucket of NATS (package natsshelf). What the shelf has is not
// copied again. [Export] and [Import] do the same with one file, a tar archive.
//
// # Guarantees
//
// What is read was verified by its hash: damage, one flipped bit anywhere in a pack, is a [DamageError] that names the
// file. A pack appears whole or not at all, and is durable before anything can name what is in it. A fold reads the
// leaves that its changes touch and no others, and gives the root that all rows written at once would give. A diff opens
// nothing that both trees hold but their roots. The collector keeps what an open Writer wrote or found to be there already.
//
// A snapshot is on a shelf whole or not at all, and what comes from a shelf or a file is proved before the store sees it:
// every object by its hash, and everything that the commits reach by reading it. The collector keeps a [Pulled] snapshot
// until it is closed.
//
// [Hasher] uses memory that grows with the depth of the tree, not with the number of rows. A root changes when any key or
// value of its table changes.
//
// # Caveats
//
// Nothing is deleted by anyone but the collector, and it must be told of everything that is still wanted: a commit that it
// is not told of is gone. The indexes of all packs are held in memory, about 100 bytes for 24 rows.
//
// [Push] and [Unshelve] must not run at the same time on one shelf: a folder of it ([ShelfFolder]) belongs to one worker.
//
// Rows must be added by rising key; a Hasher panics otherwise, because its caller's order is broken and every digest
// after it would be wrong. Digests of different [DigestVersion]s say nothing about each other.
package snapshotstore
