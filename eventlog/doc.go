// Package eventlog is what the rest of the project knows of a history: positions, records, the canonical event, the
// fingerprints that recognise a history, and the interface that every log is read through.
//
// A [Log] delivers [Record] values in the order of their [Seq]. [Assembler] holds atomic batches together, a [Decoder]
// makes each record an [Event] or says why it cannot be one, [HashRecord] and [Chain] fingerprint what was read.
// Implementations are in the folders below: natslog reads a JetStream stream, filelog a file of JSON Lines, memlog
// memory. All three pass the suite in eventlogtest.
//
// # What is accepted
//
// Decoding is tolerant in what it takes and strict in what it makes, and takes the same on every platform:
//
//   - A body is one JSON value (RFC 8259) in UTF-8, with white space around it or not. A byte order mark, anything
//     behind the value, and invalid UTF-8 anywhere are refused; so are escapes that stand for half a surrogate pair.
//   - An object that names a member twice is refused, at any depth: two readers could take different ones.
//   - Names are compared exactly, case included.
//   - Nesting over [MaxDepth] is refused.
//   - Numbers keep the text that they were received with. Where a field has a type, a whole number must be written
//     without fraction or exponent and fit into 64 bits, and a float32 is the nearest to the text; beyond the type's
//     range it is refused. serde writes NaN as null, which is absent.
//   - Null and absent are the same for every optional field.
//   - An identifier is a string of 1 to [MaxIDBytes] bytes, or an object that holds it under "id" or "value".
//   - A time is serde's SystemTime object, RFC 3339, or whole milliseconds since 1970.
//
// An event is found by taking its body apart from the outside in. Of these shapes the first that fits counts, at every
// layer:
//
//   - An envelope that names the type: "event_type", a string or one variant around a string, and one of "payload",
//     "event_data", "event", "stored_event" and "data". Also a string "type" and a "payload", where every other member
//     is one of an envelope. An event_type without a payload is refused.
//   - A string "type" beside the fields. The payload is the whole object, or the one other member if it is named after
//     the type.
//   - An envelope whose type is inside its payload, or outside the body: "payload", "event_data", "event" or
//     "stored_event"; "data" only beside an event_id or aggregate_id. Envelopes may be in envelopes.
//   - A variant as serde writes it: a string, or an object with one member, whose name is letters, digits and
//     underscores after an upper-case letter. A name that the mapping knows as a domain or an aggregate is a family if
//     another shape is inside: {"Node":{"NodeAdded":{…}}}. A variant without fields has the payload {}.
//   - Fields alone: an object with a member that begins with a lower-case letter. The type is a header's or the
//     subject's; where neither names one the body is refused.
//
// At most eight layers may stand around an event. A payload beside its type loses the tag around it if that is the same
// type, and keeps any other. {"kind":"Right","value":…} around a payload is taken off; a Left, which is a content
// address alone, is refused. event_data is a list of bytes that hold JSON, or an object. Nothing else about a payload
// is changed: it is a part of the body.
//
// An envelope's members: event_id (id), aggregate_id (stream_id), correlation_id, causation_id, actor (triggered_by),
// aggregate_type and domain are identifiers; sequence (aggregate_sequence) is a whole number; timestamp (occurred_at,
// stored_at) is a time. The first that is not null counts, and one of another type is refused; what an inner envelope
// states goes before what the outer one does. version counts as the sequence only if it is a whole number and there is
// no sequence. metadata is anything: what the envelope leaves open is taken from it where it can be read, and the
// payload's version where that is a whole number. It is held to the rules of an envelope where it alone has the
// event_id. An object without an envelope (flat, or fields alone) may state event_id, aggregate_id, timestamp,
// correlation_id and causation_id, and metadata with an event_id.
//
// Headers fill in what the body leaves open, and a body that states something is never overruled by one: X-Message-ID,
// Cim-Event-Id and Nats-Msg-Id; X-Workflow-ID, Cim-Aggregate-Id and Aggregate-Id; X-Correlation-ID, X-Causation-ID and
// their Cim- and plain forms; X-Actor; X-Timestamp in whole seconds; X-Event-Type and Cim-Event-Type. X-Sequence counts
// what a publisher sent, and is not read. Last come the aggregate's id of the subject, and the broker's time.
//
// # Domains and types
//
// The domain is the subject's, by the first [Rule] of the [Mapping] that matches; else the first known one of domain,
// aggregate_type, Cim-Graph-Type and the family; else "". Nothing gives a domain to commands and queries, and
// event.dlq.* is of the domain dlq whatever its body says. The type is the body's, else a header's, else the subject's.
//
// A type's name loses "event." or "events." in front, the domain however often it is repeated, a version like ".v1" and
// "_event" behind, and becomes snake case: that is [Event].Name. A known name, spelled with or without separators,
// becomes the canonical one in [Event].Type. A short name is completed by what the event is about, which is the family,
// else the aggregate_type, else the subject's: "added" of a node is node_added, of a workflow it stays as it is. A name
// of which nothing remains is refused; one that is not known stays. [CanonicalSubject] is event.<domain>.<type>.
//
// # Guarantees
//
// Everything here but the logs themselves is a function of its arguments: no clock, no chance, no I/O. A refusal
// carries a [Code] and a place, and no text of a library.
//
// # Caveats
//
// An [Event] and a [Value] point into the body of the record that they were made from; copy what is to outlive it. A
// chain says nothing about another chain that ran over other sequences (see [Chain]).
package eventlog
