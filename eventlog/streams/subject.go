package streams

import (
	"fmt"
	"slices"
	"strings"
)

// everything is the pattern that all subjects match.
const everything = ">"

// covers tells whether every subject that matches narrow also matches wide.
func covers(wide, narrow string) bool {
	w, n := strings.Split(wide, "."), strings.Split(narrow, ".")
	for i, token := range w {
		switch {
		case i >= len(n):
			return false
		case token == everything:
			return true
		case n[i] == everything, token != "*" && token != n[i]:
			return false
		}
	}
	return len(w) == len(n)
}

// collides tells whether there is a subject that matches both patterns.
func collides(a, b string) bool {
	x, y := strings.Split(a, "."), strings.Split(b, ".")
	for i := range min(len(x), len(y)) {
		switch {
		case x[i] == everything || y[i] == everything:
			return true
		case x[i] != y[i] && x[i] != "*" && y[i] != "*":
			return false
		}
	}
	return len(x) == len(y)
}

// coveredBy tells whether one of the patterns covers another.
func coveredBy(patterns []string, narrow string) bool {
	return slices.ContainsFunc(patterns, func(wide string) bool { return covers(wide, narrow) })
}

// collidesWith tells whether one of the patterns collides with another.
func collidesWith(patterns []string, other string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return collides(p, other) })
}

// joined adds patterns to others. What is covered already is left out, and what is covered then is taken out, so that
// the result takes what both took. Where nothing is to be added, held is returned as it is.
func joined(held, added []string) []string {
	out := slices.Clone(held)
	for _, s := range added {
		if coveredBy(out, s) {
			continue
		}
		out = slices.DeleteFunc(out, func(narrow string) bool { return covers(s, narrow) })
		out = append(out, s)
	}
	return out
}

// overlap returns the first two patterns that collide.
func overlap(patterns []string) (a, b string, found bool) {
	for i, a := range patterns {
		for _, b := range patterns[i+1:] {
			if collides(a, b) {
				return a, b, true
			}
		}
	}
	return "", "", false
}

// checkPattern refuses what is not a subject with or without wildcards.
func checkPattern(pattern string) error {
	tokens := strings.Split(pattern, ".")
	for i, token := range tokens {
		switch {
		case token == "":
			return fmt.Errorf("streams: subject %q has an empty token; write tokens with single dots between them", pattern)
		case token == everything && i < len(tokens)-1:
			return fmt.Errorf("streams: subject %q goes on behind >, which stands for all that follows", pattern)
		case token != "*" && token != everything && strings.ContainsAny(token, "*>"):
			return fmt.Errorf("streams: subject %q has the wildcard inside the token %q, where it is taken literally; "+
				"a wildcard is a whole token", pattern, token)
		}
		for _, r := range token {
			if r <= ' ' || r == 0x7f {
				return fmt.Errorf("streams: subject %q has the character %q, which no subject may have", pattern, r)
			}
		}
	}
	return nil
}

// reserved are subjects that no stream of events may take, with what would go wrong.
var reserved = []struct{ pattern, reason string }{
	{"query.>", "the server would answer questions to a worker with an acknowledgement of having stored them"},
	{"cmd.>", "the server would answer commands with an acknowledgement of having stored them"},
	{"event.dlq.>", "events that could not be applied would come back as events"},
	{"$JS.>", "they are the server's own"},
	{"$SYS.>", "they are the server's own"},
	{"$SRV.>", "they are asked and answered by services"},
	{"$KV.>", "they belong to key-value buckets"},
	{"$O.>", "they belong to object stores"},
	{"_INBOX.>", "they carry answers"},
}

// checkTakable refuses a pattern that takes what is no event.
func checkTakable(pattern string) error {
	for _, r := range reserved {
		if collides(pattern, r.pattern) {
			return fmt.Errorf("streams: subject %q takes in %s: %s; name the events' own subjects", pattern, r.pattern, r.reason)
		}
	}
	return nil
}
