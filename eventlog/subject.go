package eventlog

import (
	"fmt"
	"strings"
)

// MatchSubject tells whether a subject matches a NATS pattern: tokens between dots, "*" for exactly one, ">" at the end
// for one or more.
func MatchSubject(pattern, subject string) bool {
	for {
		p, patternRest, patternMore := strings.Cut(pattern, ".")
		if p == ">" {
			return subject != ""
		}
		s, subjectRest, subjectMore := strings.Cut(subject, ".")
		if p != "*" && p != s || s == "" {
			return false
		}
		if patternMore != subjectMore {
			return false
		}
		if !patternMore {
			return true
		}
		pattern, subject = patternRest, subjectRest
	}
}

// CheckSubject refuses what cannot be published to: empty tokens, wildcards, white space and control characters. The
// client library lets some of these through, and the server stores them literally.
func CheckSubject(subject string) error {
	for token := range strings.SplitSeq(subject, ".") {
		if token == "" {
			return fmt.Errorf("eventlog: subject %q has an empty token; write tokens with single dots between them", subject)
		}
	}
	for _, r := range subject {
		if r == '*' || r == '>' || r <= ' ' || r == 0x7f {
			return fmt.Errorf("eventlog: subject %q has the character %q, which no event's subject may have", subject, r)
		}
	}
	return nil
}
