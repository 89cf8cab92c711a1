// Package filelog is an eventlog.Log over a file of JSON Lines: a recorded history, to be replayed, looked at and kept.
//
// Each line is one message in the form that the publisher reads as well, with its sequence and time; FORMAT.md has the
// details. [Open] reads the whole file once and keeps where each line begins; messages are read from the file when they
// are asked for. A log that was opened to write appends lines, and its own cursors see them at once.
//
// # Guarantees
//
// A line that cannot be understood, a last line without its end, and a sequence that does not rise are refused by
// [Open] with the number of the line; nothing is skipped or repaired. What is appended comes back with every byte of
// subject, headers and body. Memory is 32 bytes per message.
//
// # Caveats
//
// A file has one writer at a time, which the caller sees to. Lines that another process appends are not seen before the
// next Open. Append does not sync: call [Log.Sync] where a power cut matters. A file without header or times has an
// identity of its name alone.
package filelog
