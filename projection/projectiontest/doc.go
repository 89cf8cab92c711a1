// Package projectiontest tests projections: one's own as well as the built-in ones.
//
// [Open] opens a store that proves itself when the test ends. [Run] folds a history into a projection, in one go.
// [Laws] folds random histories in every way that must not make a difference (batch sizes, commits beside the folding,
// restarts, splitting and merging groups, with a cache and without) and fails where it makes one. [History] writes
// histories.
//
// # Guarantees
//
// Everything runs on real files below the test's own directory, and nothing is left running. A store that Open made is
// checked whole at the end of the test: every row is readable and encoded as it would be today, counters agree with the
// checkpoint, and the projection's own Check finds nothing.
//
// # Caveats
//
// Laws can show that a projection depends on more than its events, not that it does not: it is as good as the histories
// that it is given.
package projectiontest
