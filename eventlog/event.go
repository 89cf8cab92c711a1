package eventlog

// Event is the one currency: what every envelope is turned into before anything is applied. All fields but the first
// group come from what the producer wrote, and are informational: order and position are the log's.
type Event struct {
	Seq     Seq
	Time    Time   // when the broker stored it: the event's time for everything that asks "as of when"
	Subject string // as published
	Hash    Hash   // h(n) of the record it was made from

	Domain  string // graph, conceptual, workflow, agent, system; "" for a subject that no mapping knows
	Type    string // canonical, snake case: node_created
	Name    string // the producer's name of the type, snake case: node_added; the same as Type where it has no other
	Version int    // payload version: metadata.version where present, else 1

	ID                string
	AggregateID       string
	AggregateSequence uint64
	Correlation       string
	Causation         string
	Actor             string
	Occurred          Time // the producer's clock; the broker's time where it gave none

	Payload  Value // as received: valid JSON, never nil
	Metadata Value // as received, or nil

	// Alone is set on the members of a broken atomic batch, which are applied as plain events: see Assembler.
	Alone bool
}
