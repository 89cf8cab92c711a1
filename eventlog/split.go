package eventlog

import "bytes"

// A Value was checked by ParseValue, so reading it again needs to find where its parts end and nothing else: strings end at a
// quote that is not escaped, objects and arrays at the bracket that closes them, everything else at a comma, a bracket or white
// space. What is not a checked value (a caller made it from other bytes) is refused where it does not look like one. A fuzz test
// holds this against the library.

// Object calls member for each member of an object, in the order received, and stops at the first error. value is valid after
// the call as long as v is.
func (v Value) Object(member func(name string, value Value) *FieldError) *FieldError {
	if !v.IsObject() {
		return Refuse(CodeWrongType, "")
	}
	s := splitter{rest: v[1:]}
	for s.more('}') {
		quoted, ok := s.value()
		if !ok || !quoted.IsString() || !s.skip(':') {
			return Refuse(CodeInvalidJSON, "")
		}
		value, ok := s.value()
		if !ok {
			return Refuse(CodeInvalidJSON, "")
		}
		name, err := quoted.name()
		if err != nil {
			return err
		}
		if err := member(name, value); err != nil {
			return err
		}
	}
	return s.err()
}

// Array calls element for each element of an array, and stops at the first error.
func (v Value) Array(element func(value Value) *FieldError) *FieldError {
	if !v.IsArray() {
		return Refuse(CodeWrongType, "")
	}
	s := splitter{rest: v[1:]}
	for s.more(']') {
		value, ok := s.value()
		if !ok {
			return Refuse(CodeInvalidJSON, "")
		}
		if err := element(value); err != nil {
			return err
		}
	}
	return s.err()
}

// splitter walks over the inside of an object or array.
type splitter struct {
	rest  []byte
	some  bool // a part was read
	ended bool // the closing bracket was read, and nothing else is left
}

func (s *splitter) err() *FieldError {
	if !s.ended {
		return Refuse(CodeInvalidJSON, "")
	}
	return nil
}

// more tells whether another part follows, past the comma before it.
func (s *splitter) more(closing byte) bool {
	if s.skip(closing) {
		s.ended = len(bytes.TrimLeft(s.rest, whitespace)) == 0
		return false
	}
	if s.some && !s.skip(',') {
		return false
	}
	s.some = true
	return true
}

const whitespace = " \t\r\n"

// skip passes white space and then this byte, if it comes next.
func (s *splitter) skip(c byte) bool {
	i := blank(s.rest)
	if i == len(s.rest) || s.rest[i] != c {
		return false
	}
	s.rest = s.rest[i+1:]
	return true
}

// blank is how many bytes of white space come first.
func blank(b []byte) int {
	for i, c := range b {
		if c != ' ' && c != '\t' && c != '\n' && c != '\r' {
			return i
		}
	}
	return len(b)
}

// value takes the next value.
func (s *splitter) value() (Value, bool) {
	b := s.rest[blank(s.rest):]
	end := valueEnd(b)
	if end <= 0 {
		return nil, false
	}
	s.rest = b[end:]
	return Value(b[:end:end]), true
}

// valueEnd returns where the value that b begins with ends, or -1.
func valueEnd(b []byte) int {
	if len(b) == 0 {
		return -1
	}
	switch b[0] {
	case '"':
		return stringEnd(b)
	case '{', '[':
		return bracketEnd(b)
	}
	for i, c := range b {
		switch c {
		case ',', '}', ']', ':', ' ', '\t', '\n', '\r', '"', '{', '[':
			return i
		}
	}
	return len(b)
}

func stringEnd(b []byte) int {
	for i := 1; i < len(b); {
		n := bytes.IndexByte(b[i:], '"')
		if n < 0 {
			return -1
		}
		i += n + 1
		if !escaped(b[:i-1]) {
			return i
		}
	}
	return -1
}

// escaped tells whether an odd number of backslashes stands at the end of b.
func escaped(b []byte) bool {
	n := len(b)
	for n > 0 && b[n-1] == '\\' {
		n--
	}
	return (len(b)-n)%2 == 1
}

func bracketEnd(b []byte) int {
	depth := 0
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			n := stringEnd(b[i:])
			if n < 0 {
				return -1
			}
			i += n - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return -1
}

// names are the members that most events have: text that need not be made anew for each.
var names = func() map[string]string {
	out := map[string]string{}
	for _, name := range [...]string{
		"event_id", "event_type", "aggregate_id", "aggregate_type", "sequence", "timestamp", "correlation_id", "causation_id",
		"actor", "payload", "metadata", "version", "secs_since_epoch", "nanos_since_epoch", "id", "value",
		"graph_id", "node_id", "edge_id", "node_type", "edge_type", "position", "x", "y", "z", "components", "changes",
		"old_values", "new_values", "reason", "source_node", "target_node", "weight", "properties", "semantic_distance",
		"component_updates", "conceptual_point", "connected_edges", "new_position", "name", "description",
	} {
		out[name] = name
	}
	return out
}()

// name returns the text of a member's name.
func (v Value) name() (string, *FieldError) {
	if name, ok := names[string(v[1:len(v)-1])]; ok {
		return name, nil
	}
	return v.Text()
}
