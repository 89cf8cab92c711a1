// Package publish stores events in a JetStream stream: many at once, each one acknowledged, in order where order matters.
//
// A [Publisher] takes events from a [Source]: a [Reader] of JSON Lines, [Events] for a slice, or an iterator by way of
// [Publisher.PublishSeq]. Up to Config.InFlight of them are on their way; of one aggregate never more than one, so that an
// event which has to be sent again cannot be overtaken by a later one. Every event carries a message id, by which the
// server drops what it has already.
//
// With Config.AtomicBatch, consecutive events are stored together instead, one batch after the other. A batch that is full
// ends before the events of the aggregate that goes on in the next one, unless it holds nothing else. With
// Config.ExpectLast, nothing is stored unless the stream is where the caller believes it to be.
//
// # Guarantees
//
// Events of one aggregate are stored in the order of the source, and so are events that name none. An event counts as stored
// when the server has acknowledged it, and not before. Publish stops at the first event that cannot be stored, and says
// which one that is. However it ends, Report.Stored is the line up to which everything is stored: to go on is to run it
// again with that line as Config.SkipThrough. What was stored beyond that line is recognised by its ids.
//
// An atomic batch is stored whole, in the order of the source and without anything in between, or nothing of it is. One
// that was interrupted leaves nothing; the server forgets it after ten seconds.
//
// # Caveats
//
// The server knows ids for a limited time (the stream's duplicate window, two minutes unless set): what is published
// again later is stored again. An event without an id is not sent a second time where the first may have arrived, and is
// stored twice when an interrupted run goes on. Events of different aggregates may be stored in another order than the
// source's, unless in an atomic batch. A Reader whose input blocks keeps Publish waiting even when the context has ended;
// give it an input that ends too.
//
// A server refuses a whole atomic batch for one id that it has already, or that the batch holds twice. Its events are then
// sent one by one, which stores those that are missing, and not atomically; Config.OnFallback is told. So it is also with
// a batch whose acknowledgement was lost, of which nothing is missing. A batch waits until it is full or the source ends,
// costs some milliseconds however small it is, and must lead to one stream. A single event is no batch.
//
// ExpectLast holds for the first event that a call sends, or for its batch. Events that follow as messages of their own
// are not protected. A run that goes on after an interruption must expect the sequence that the stream is at then, or
// none. An event that was refused because it is stored already is looked for in the stream; that needs the right to
// publish to $JS.API.STREAM.INFO.<stream>, and to $JS.API.DIRECT.GET.<stream> or $JS.API.STREAM.MSG.GET.<stream>.
package publish
