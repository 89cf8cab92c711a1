// Package eventmodel is the read model of the history itself: a projection named "events", which every record reaches.
//
// [New] returns the projection. It counts events by domain and type, and keeps and counts the records that no envelope could be
// read from: all other projections count those, and leave them to this one. It knows every type, so that nothing is unknown to
// it, and it finds the members of atomic batches that are not whole.
//
// # Tables
//
//	types        (domain, type, subject)  how often, first and last sequence, broker time of the last; one row under
//	                                      ("other") for all that has no row of its own
//	totals       ("totals")               how many rows of types there are
//	undecodable  (code)                   the same as types, of records without a readable envelope
//
// The subject in a key is "" where a domain was read from it. Where none was, it is the pattern of the subject's first token and
// "*" for each further one, ">" behind the eighth: so subjects that no mapping knows are seen, and their identifiers are not
// kept.
//
// # Queries
//
// Lists are paged by offset and limit, with the total over all pages. There are no parameters.
//
//	projection.types        []TypeCount by domain, type and subject, the folded one last
//	projection.undecodable  []CodeCount by code
//
// # Anomalies
//
// broken_batch: an event is a member of an atomic batch that is not whole. It was applied as a plain event. Its subject is
// the event's id, or the NATS subject of an event without one.
//
// # Guarantees
//
// Types are chosen by producers, so their number is bounded: [MaxTypes] rows, no name longer than [MaxNameBytes]. What
// comes later or is longer is counted in one row, and stays there: which type has a row is a function of the history. There are
// no float32 fields.
//
// Check proves that the counts are those of the events that were applied and of the records that were kept.
//
// # Caveats
//
// A record that has no readable envelope and is a member of a broken batch is not reported as such.
package eventmodel
