package eventlog

import (
	"fmt"
	"strconv"
	"time"
)

// Seq is a sequence number in one stream. The first event has 1; 0 stands before it.
type Seq uint64

// ParseSeq reads a sequence in decimal. It refuses signs, spaces and other bases.
func ParseSeq(text string) (Seq, error) {
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("eventlog: %q is not a sequence; give a whole number such as 4711", text)
	}
	return Seq(n), nil
}

// String prints the sequence in decimal.
func (s Seq) String() string { return strconv.FormatUint(uint64(s), 10) }

// Time is a moment in nanoseconds since 1970 UTC. Broker times and producers' times are both of this
// type; 0 means that none was given.
type Time int64

// Moment converts from the standard library's type.
func Moment(t time.Time) Time { return Time(t.UnixNano()) }

// Std converts to the standard library's type, in UTC.
func (t Time) Std() time.Time { return time.Unix(0, int64(t)).UTC() }

// IsZero tells whether no time was given.
func (t Time) IsZero() bool { return t == 0 }

// String prints RFC 3339 with nanoseconds in UTC, or "-" for the zero value.
func (t Time) String() string {
	if t.IsZero() {
		return "-"
	}
	return t.Std().Format(time.RFC3339Nano)
}

// MarshalJSON prints RFC 3339 with nanoseconds in UTC, or null for the zero value.
func (t Time) MarshalJSON() ([]byte, error) {
	if t.IsZero() {
		return []byte("null"), nil
	}
	return []byte(`"` + t.Std().Format(time.RFC3339Nano) + `"`), nil
}

// Stream is the identity of one history: deleting a stream and making another of the same name gives
// another identity.
type Stream struct {
	Name    string
	Created Time
}

// IsZero tells whether no stream was named.
func (s Stream) IsZero() bool { return s == Stream{} }

// String prints the name and the moment of creation.
func (s Stream) String() string { return s.Name + " (created " + s.Created.String() + ")" }

// Position is a place in one history: after the event with this sequence.
type Position struct {
	Stream Stream
	Seq    Seq
}

// IsZero tells whether the position stands before everything, in no stream.
func (p Position) IsZero() bool { return p == Position{} }

// String prints "NAME@SEQ".
func (p Position) String() string { return p.Stream.Name + "@" + p.Seq.String() }
