// Package snapshotstore holds the immutable form of read models: sorted rows cut into leaves, leaves into a tree, every
// part named by its hash.
//
// What is here is the rule by which rows become a tree ([Boundaries]) and the Merkle root of a table ([Hasher]), from
// which the state digest of a projection is made ([Digest]). The rule looks at keys alone, so the same set of rows has
// the same root whatever path led to it and however the rows are spread over files. FORMAT.md gives it to the byte.
//
// # Guarantees
//
// [Hasher] uses memory that grows with the depth of the tree, not with the number of rows. A root changes when any key or
// value of its table changes.
//
// # Caveats
//
// Rows must be added by rising key; a Hasher panics otherwise, because its caller's order is broken and every digest
// after it would be wrong. Digests of different [DigestVersion]s say nothing about each other.
package snapshotstore
