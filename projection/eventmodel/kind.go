package eventmodel

import (
	"strings"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
)

// Producers choose types and subjects. These bounds keep a producer that chooses a new one each time from growing the state.
const (
	// MaxTypes is how many kinds of events are counted by themselves. All that come later are counted together.
	MaxTypes = 1000

	// MaxNameBytes is how long a domain, a type or the first token of a subject may be. Longer ones are counted together.
	MaxNameBytes = 128

	// MaxTokens is how many tokens of a subject its shape shows by themselves; ">" stands for all that follow.
	MaxTokens = 8

	// Other is the type under which everything is counted that is not counted by itself.
	Other = "other"
)

// kind is what events are counted by: a new row for them, and its key.
type kind struct {
	key projection.Key
	row typeRow
}

// folded is the one kind of all that are not counted by themselves. Its key has fewer components than any other, so that no type
// can be called the same.
var folded = kind{key: projection.MakeKey(Other), row: typeRow{Type: Other, Folded: true}}

// kindOf returns the kind of an event: domain and type, and the shape of a subject that no domain was read from.
func kindOf(e *eventlog.Event) kind {
	row := typeRow{Domain: e.Domain, Type: e.Type}
	if len(row.Domain) > MaxNameBytes || len(row.Type) > MaxNameBytes {
		return folded
	}
	if e.Domain == "" {
		first, rest, _ := strings.Cut(e.Subject, ".")
		if len(first) > MaxNameBytes {
			return folded
		}
		row.Subject = shape(first, rest)
	}
	return kind{key: projection.MakeKey(row.Domain, row.Type, row.Subject), row: row}
}

// shape returns the pattern of a subject's first token and whatever follows: "graph.events.42" is "graph.*.*". Identifiers stand
// in the later tokens, so the shapes of a deployment are few.
func shape(first, rest string) string {
	if rest == "" {
		return first
	}
	further := 1 + strings.Count(rest, ".")
	if further >= MaxTokens {
		return first + strings.Repeat(".*", MaxTokens-1) + ".>"
	}
	return first + strings.Repeat(".*", further)
}
