// Package finding gathers what the check of a projection's rows finds.
//
// A check walks over all rows and notes each problem as a sentence. A file that is damaged in one place may be damaged
// in a million, so only the first few are kept, and the check is told when no more are wanted.
//
// # Guarantees
//
// A list holds at most [Most] sentences, the first that were found.
//
// # Caveats
//
// A list serves one check on one goroutine.
package finding
