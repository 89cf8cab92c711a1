// Package eventlog is what the rest of the project knows of a history: positions, records, the canonical event, the
// fingerprints that recognise a history, and the interface that every log is read through.
//
// A [Log] delivers [Record] values in the order of their [Seq]. [Assembler] holds atomic batches together, [Decode] makes
// each record an [Event] or says why it cannot be one, [HashRecord] and [Chain] fingerprint what was read. Implementations
// are in the folders below: natslog reads a JetStream stream, filelog a file of JSON Lines, memlog memory. All three pass the
// suite in eventlogtest.
//
// # What is accepted
//
// Decoding is tolerant in what it takes and strict in what it makes, and takes the same on every platform:
//
//   - A body is one JSON value (RFC 8259) in UTF-8, with white space around it or not. A byte order mark, anything behind the
//     value, and invalid UTF-8 anywhere are refused; so are escapes that stand for half a surrogate pair.
//   - An object that names a member twice is refused, at any depth: two readers could take different ones.
//   - Names are compared exactly, case included.
//   - Nesting over [MaxDepth] is refused.
//   - Numbers keep the text that they were received with. Where a field has a type, a whole number must be written without
//     fraction or exponent and fit into 64 bits, and a float32 is the nearest to the text; beyond the type's range it is
//     refused. serde writes NaN as null, which is absent.
//   - Null and absent are the same for every optional field.
//   - An identifier is a string of 1 to [MaxIDBytes] bytes, or an object that holds it under "id" or "value".
//   - A time is serde's SystemTime object, RFC 3339, or whole milliseconds since 1970.
//
// The envelope is an object with a string event_type and a payload of any kind. event_id, aggregate_id, correlation_id,
// causation_id and actor are identifiers, sequence is a whole number, timestamp a time, metadata anything.
//
// # Guarantees
//
// Everything here but the logs themselves is a function of its arguments: no clock, no chance, no I/O. A refusal carries a
// [Code] and a place, and no text of a library.
//
// # Caveats
//
// An [Event] and a [Value] point into the body of the record that they were made from; copy what is to outlive it. A chain says
// nothing about another chain that ran over other sequences (see [Chain]).
package eventlog
