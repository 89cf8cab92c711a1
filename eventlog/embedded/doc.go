// Package embedded runs a nats-server with JetStream inside of this process, for a deployment without one of its own.
//
// [Start] opens a store directory, listens on loopback and returns when clients can connect. What is to read in bulk
// connects to [Server.URL]: TCP over loopback is the faster way for that. Requests and answers are twice as fast over
// [Server.InProcess].
//
// # Guarantees
//
// A directory belongs to one server at a time, held by a lock that a crash releases. A port that is taken and a
// directory that is in use are refused at once, by name. The server writes nothing to standard output or standard
// error; what it has to say goes to Config.Logger. Close waits until it has stored everything and stopped. JetStream has
// no limit but the disk.
//
// # Caveats
//
// A message is acknowledged when the operating system has it. It is on the disk at most Config.SyncInterval later, two
// seconds unless set otherwise: a crash of the process loses nothing, a power cut up to that much. Config.SyncAlways
// syncs before each acknowledgement, at a thirtieth of the speed. There are no users and no TLS: everyone who can reach
// the address can do anything, which is why the address is loopback unless told otherwise.
package embedded
