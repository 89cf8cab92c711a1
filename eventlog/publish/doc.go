// Package publish stores events in a JetStream stream: many at once, each one acknowledged, in order where order matters.
//
// A [Publisher] takes events from a [Source], a [Reader] of JSON Lines for example. Up to Config.InFlight of them are on
// their way; of one aggregate never more than one, so that an event which has to be sent again cannot be overtaken by a
// later one. Every event carries a message id, by which the server drops what it has already.
//
// # Guarantees
//
// Events of one aggregate are stored in the order of the source, and so are events that name none. An event counts as stored
// when the server has acknowledged it, and not before. Publish stops at the first event that cannot be stored, and says
// which one that is and up to which line everything is stored: to go on is to run it again, from there or from the start.
//
// # Caveats
//
// The server knows ids for a limited time (the stream's duplicate window, two minutes unless set): what is published
// again later is stored again. An event without an id is not sent a second time where the first may have arrived. Events
// of different aggregates may be stored in another order than the source's. A Reader whose input blocks keeps Publish
// waiting even when the context has ended; give it an input that ends too.
package publish
