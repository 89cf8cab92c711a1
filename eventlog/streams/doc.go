// Package streams is the layout of CIM's streams and consumers: what should be on a server, how that differs from what
// is there, and the steps from one to the other.
//
// A [Layout] is a wish: the stream of events, streams of single domains that are fed from it, and two consumers. [Read]
// looks at a server, [Compare] sets the two side by side without touching anything, and [Apply] carries out what came
// of it. The [Plan] between them can be shown to a person: each stream and consumer is to be created, to be changed
// field by field, is the same, or is refused with the server's own reason and with what to do instead.
//
// One stream owns the subjects. The document's domain streams list the same subjects again, which a server refuses;
// here they are copies that the server fills from the stream of events, through subject filters, in its order. A copied
// event has a sequence and a time of its own; [SourceOf] reads from its header which event of the origin it is.
//
// # Guarantees
//
// Nothing is ever deleted: no stream, no consumer, no subject, and no field that the layout does not speak of. Apply
// does nothing at all while a single item is refused, only what the plan says otherwise, and stops at the first failure
// with what was done until then. It does not touch what has changed since the plan was made. A plan that was applied is
// empty the next time.
//
// A limit that would drop events is refused unless every worker named has applied them, or the loss was accepted.
//
// # Caveats
//
// Not all that a server may refuse can be seen from outside: how much room its disk has, or how many servers of a
// cluster can hold a copy. Apply then fails with the server's reason and a next step. What happens on the server
// between the look and the step is noticed in the stream that is changed, not in others.
//
// A copy is a copy: events reach it some milliseconds later, it is not a place to publish to, and an event that the
// origin no longer held when the copy began is not in it. The headers of atomic batches are taken off on the way.
package streams
