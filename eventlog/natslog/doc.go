// Package natslog is an eventlog.Log over a JetStream stream.
//
// [Open] checks that the stream is one that a history can be read from: it exists, and keeps messages by limits. A cursor is
// an unacknowledged pull consumer, made anew from a sequence after the stream's bounds and identity were checked, and
// deleted by Close. Two pull requests overlap at the server, with a limit in messages and in bytes each; what
// arrives is numbered by the consumer, and every number is checked.
//
// # Guarantees
//
// A cursor delivers no gap and nothing twice. Whatever disturbs it (a lost connection, a deleted consumer, another leader, a
// missed heartbeat or message) ends it with eventlog.ErrCursorLost and the cause; it never repairs itself, because a
// stream that came back can be another one. Read refuses a stream that was recreated since [Log.Bounds] was last asked.
// No consumer outlives a crash by more than 30 seconds, and none that carries another worker's name is ever touched.
//
// A cursor holds at most Config.MaxBytes of unread messages, or two of the largest messages that the server takes where
// that is more; and a single message that is larger still is asked for alone.
//
// # Caveats
//
// A reader that takes nothing for about 20 seconds loses its cursor, because its consumer is then inactive. When the
// end of the stream is deleted, Through rises over it within about a heartbeat. Direct gets return the server's
// Nats-Stream, Nats-Subject, Nats-Sequence and Nats-Time-Stamp headers; they are taken off again, and a message that
// was stored with such headers keeps its own. A message whose headers the client library cannot parse is
// delivered without headers. Reading in bulk is faster over TCP than over an in-process connection.
//
// A worker needs the right to publish to these subjects, and to subscribe to its inbox:
//
//	$JS.API.STREAM.INFO.<stream>
//	$JS.API.CONSUMER.CREATE.<stream>.>
//	$JS.API.CONSUMER.DELETE.<stream>.>
//	$JS.API.CONSUMER.LIST.<stream>
//	$JS.API.CONSUMER.MSG.NEXT.<stream>.>
//	$JS.API.DIRECT.GET.<stream>
//	$JS.API.STREAM.MSG.GET.<stream>
package natslog
