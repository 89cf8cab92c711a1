package projection

import (
	"errors"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// Projection folds events into tables. A worker runs its own projections beside the built-in ones through this
// interface and the optional ones below; the built-in ones use nothing else.
type Projection interface {
	// Name is part of file contents, subjects and answers: lower-case letters, digits and underscores.
	Name() string

	// Version changes whenever the same events would give other rows. It starts at 1.
	Version() int

	// Subjects are the NATS patterns of the subjects whose events it wants; it sees no others.
	Subjects() []string

	// Schema returns the tables, the same value each time.
	Schema() *Schema

	// Apply folds one event into the tables. It is a function of the event and of what it reads through tx: no clock, no
	// chance, no other input or output, no dependence on the order of a map. Facts are applied, not judged: what an event
	// meets unexpectedly is recorded with tx.Anomaly.
	//
	// It returns nil when the event was applied, ErrUnknownType for a type that it does not know, and an error that wraps
	// an *eventlog.FieldError for one that it cannot understand, which is then kept as a dead letter; whatever it wrote
	// before is undone in both cases. Any other error, and a panic, is a fault of the projection and stops it before
	// this event. Errors of reading need not be returned: tx keeps them.
	Apply(tx *Tx, e *Event) error
}

// Decoder is a projection that prepares events in parallel, before they are applied in order.
type Decoder interface {
	// Decode returns what Apply finds in Event.Decoded. It is called from several goroutines. Its errors mean what
	// those of Apply mean.
	Decode(e *eventlog.Event) (any, error)
}

// Checker is a projection that can prove its tables.
type Checker interface {
	// Check reads the whole state and returns a sentence for everything that does not agree: derived rows with their
	// source, counts with what they count. At most a hundred are wanted.
	Check(v *View) []string
}

// Owned is a projection that can say to which aggregate an event and its rows belong.
type Owned interface {
	// Owner returns the aggregate that an event belongs to, or "" for none.
	Owner(e *Event) string
}

// Undecodable is a projection that keeps the records which no envelope could be read from.
type Undecodable interface {
	// Undecodable is called after the record was kept as a dead letter.
	Undecodable(tx *Tx, r *eventlog.Record, err *eventlog.DecodeError)
}

// ErrUnknownType says that a projection does not know an event's type: new types appear, and are counted.
var ErrUnknownType = errors.New("projection: unknown event type")

// Event is an event on its way into one projection.
type Event struct {
	*eventlog.Event
	Decoded any // what Decode returned, nil for a projection without it
}

// Counts is how many records a projection has seen, by what became of each: every record is in exactly one of the first
// five. It is a function of the history.
type Counts struct {
	Applied      uint64 // folded into the tables
	OtherSubject uint64 // on a subject that the projection does not want
	UnknownType  uint64 // of a type that it does not know
	Undecodable  uint64 // without an envelope that could be read; kept by the projection that keeps those
	DeadLetters  uint64 // not understood; kept as dead letters
	Anomalies    uint64 // how often an applied event met something unexpected
}

// Seen is the number of records that the counts account for.
func (c Counts) Seen() uint64 {
	return c.Applied + c.OtherSubject + c.UnknownType + c.Undecodable + c.DeadLetters
}

// Letter is a dead letter: a record that could not be applied, whole, with the reason.
type Letter struct {
	Seq         eventlog.Seq
	Time        eventlog.Time
	Subject     string
	Headers     []HeaderField
	Body        []byte
	Type        string // canonical; "" where no envelope could be read
	EventID     string
	AggregateID string
	Code        eventlog.Code
	Field       string // the path of what was refused
	Offset      int64  // in bytes, -1 where not known
}

// HeaderField is one value of one header.
type HeaderField struct {
	Name  string
	Value string
}

// AnomalyRow is something that an applied event met and did not expect.
type AnomalyRow struct {
	Seq     eventlog.Seq
	Code    string
	Subject string // what it was met at, such as an id
}
