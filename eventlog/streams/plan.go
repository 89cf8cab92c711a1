package streams

import (
	"fmt"
	"slices"

	"github.com/nats-io/nats.go/jetstream"
)

// Action is what a plan does about one stream or consumer.
type Action string

// The actions.
const (
	Create Action = "create"
	Change Action = "change"
	Same   Action = "same"
	Refuse Action = "refuse"
)

// Kind is what an item of a plan is.
type Kind string

// The kinds of items.
const (
	StreamKind   Kind = "stream"
	ConsumerKind Kind = "consumer"
)

// Plan is what leads from what is on a server to a layout, in the order in which it is to be done.
type Plan struct {
	Items []Item `json:"items"`
}

// Item is one stream or one consumer of a plan.
type Item struct {
	Kind   Kind   `json:"kind"`
	Stream string `json:"stream"`
	Name   string `json:"name"` // the stream's, or the consumer's
	Action Action `json:"action"`

	// Changes are the fields that differ. Of what is to be created, they are all that the layout says.
	Changes []FieldChange `json:"changes"`

	// Refusals are everything that stands against it.
	Refusals []Refusal `json:"refusals"`

	// Notes are what a person should know about it, one sentence each.
	Notes []string `json:"notes"`

	stream   *streamStep   // of a stream
	consumer *consumerStep // of a consumer
}

// streamStep is how a stream is made so.
type streamStep struct {
	from *jetstream.StreamConfig // what the plan was made from; nil = nothing is there
	to   jetstream.StreamConfig
}

// consumerStep is how a consumer is made so.
type consumerStep struct {
	from *jetstream.ConsumerConfig
	to   jetstream.ConsumerConfig
}

// FieldChange is one field, by its name in the server's own configuration. The values are as the server states them: -1
// is no limit, and a time.Duration stands for nanoseconds.
type FieldChange struct {
	Field string `json:"field"`
	Old   any    `json:"old"` // nil where nothing is there yet
	New   any    `json:"new"`
}

// Refusal is why something cannot or should not be done.
type Refusal struct {
	Code    jetstream.ErrorCode `json:"code"`    // the server's error code; 0 = the server would do it
	Reason  string              `json:"reason"`  // of the server, or what would go wrong
	Instead string              `json:"instead"` // the next step
}

// String is the item's kind and name, such as "consumer CIM_EVENTS/batch_processor".
func (i Item) String() string {
	if i.Kind == ConsumerKind {
		return fmt.Sprintf("%s %s/%s", i.Kind, i.Stream, i.Name)
	}
	return fmt.Sprintf("%s %s", i.Kind, i.Name)
}

// Empty tells whether there is nothing to do, and nothing refused.
func (p Plan) Empty() bool {
	return p.Count(Same) == len(p.Items)
}

// Refused tells whether anything is refused. Nothing of such a plan is applied.
func (p Plan) Refused() bool { return p.Count(Refuse) > 0 }

// Count returns how many items have an action.
func (p Plan) Count(a Action) int {
	n := 0
	for _, i := range p.Items {
		if i.Action == a {
			n++
		}
	}
	return n
}

// note adds a sentence for people.
func (i *Item) note(format string, args ...any) {
	i.Notes = append(i.Notes, fmt.Sprintf(format, args...))
}

// refuse adds what stands against the item.
func (i *Item) refuse(code jetstream.ErrorCode, reason, format string, args ...any) {
	i.Refusals = append(i.Refusals, Refusal{Code: code, Reason: reason, Instead: fmt.Sprintf(format, args...)})
}

// change adds a field whose value is not to stay as it is. Of what is not there yet, every field is a change.
func change[V comparable](i *Item, exists bool, field string, held, want V) {
	switch {
	case !exists:
		i.Changes = append(i.Changes, FieldChange{Field: field, New: want})
	case held != want:
		i.Changes = append(i.Changes, FieldChange{Field: field, Old: held, New: want})
	}
}

// changeList is change for lists.
func changeList(i *Item, exists bool, field string, held, want []string) {
	switch {
	case !exists:
		i.Changes = append(i.Changes, FieldChange{Field: field, New: want})
	case !slices.Equal(held, want):
		i.Changes = append(i.Changes, FieldChange{Field: field, Old: held, New: want})
	}
}

// settle decides the action.
func (i *Item) settle(exists bool) {
	if i.Changes == nil {
		i.Changes = []FieldChange{}
	}
	if i.Refusals == nil {
		i.Refusals = []Refusal{}
	}
	if i.Notes == nil {
		i.Notes = []string{}
	}
	switch {
	case len(i.Refusals) > 0:
		i.Action = Refuse
	case !exists:
		i.Action = Create
	case len(i.Changes) > 0:
		i.Action = Change
	default:
		i.Action = Same
	}
}
