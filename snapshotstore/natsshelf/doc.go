// Package natsshelf is a snapshotstore.Shelf in a NATS object store.
//
// A worker has one bucket, "projector-" and its name ([Bucket]). [Create] makes it where it is missing, [Open] takes one that
// is there. A file is an object of the bucket, in the layout of the object stores of NATS, so that other tools can
// list and fetch it: its chunks, and one message with its name, length and digest. The package writes these messages
// itself: chunks one after the other, each acknowledged, and the message with the name when the server has them all.
//
// # Guarantees
//
// A file is seen when all of it is stored, and not before: a put that is broken off at any moment, by the client or by the
// server, leaves no name. Of several who put different contents under one name, one succeeds. Reading ends with io.EOF
// when length and digest are those that were put, and with a *snapshotstore.DamageError otherwise. Memory holds one chunk,
// of at most 512 KiB, for each file that is put or read. Buckets whose files would vanish by age, or that are held in memory,
// are refused.
//
// # Caveats
//
// A put is as durable as the server's acknowledgement: a server of its own syncs to the disk some time later (for the
// embedded one see embedded.Config). Chunks of puts that were broken off by a crash stay in the bucket, without a name,
// until [Shelf.Sweep]. In a bucket with replicas, what was put a moment ago may not be found yet by another.
// Every chunk costs a round trip: at 20 ms that is about 25 MB/s.
//
// A worker needs the right to publish to these subjects, and to subscribe to its inbox; to create the bucket also to
// $JS.API.STREAM.CREATE.OBJ_<bucket>:
//
//	$O.<bucket>.>
//	$JS.API.STREAM.INFO.OBJ_<bucket>
//	$JS.API.STREAM.PURGE.OBJ_<bucket>
//	$JS.API.DIRECT.GET.OBJ_<bucket>.>
//	$JS.API.DIRECT.GET.OBJ_<bucket>
package natsshelf
