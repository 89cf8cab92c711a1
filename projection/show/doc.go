// Package show puts values of rows into answers, as JSON has them there.
//
// Rows hold producers' JSON compacted, times as counts of nanoseconds, and "" and nil for what is absent. An answer
// holds the same JSON, times in RFC 3339 or null, texts or null, and lists and objects that are never null.
//
// # Guarantees
//
// JSON is passed on byte by byte, numbers among it with all their digits. Functions are safe for concurrent use.
//
// # Caveats
//
// Results share memory with the row: they are for reading.
package show
