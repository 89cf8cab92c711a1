package engine

import (
	"time"

	"github.com/nats-io/nats.go"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
)

// Headers that a request may carry instead of the fields of the same meaning.
const (
	HeaderMinSequence = "min_sequence"
	HeaderTimeout     = "timeout_ms"
)

const (
	defaultTimeout = 5 * time.Second
	longestTimeout = 5 * time.Minute
	maxRequest     = 1 << 20
)

// call is one request as it was asked.
type call struct {
	request     projection.Request
	minSequence eventlog.Seq
	created     eventlog.Time // the identity of the stream that the sequence is of; 0 = not stated
	timeout     time.Duration // the shortest that was stated; 0 = none was
	asOf        AsOf          // zero = as of now
	subject     string        // that was asked
}

// limit is how long the answer may take.
func (c *call) limit() time.Duration {
	if c.timeout == 0 {
		return defaultTimeout
	}
	return c.timeout
}

// parseCall reads a request: bare parameters, or CIM's Query envelope around them. An empty body is an empty object.
func parseCall(body []byte, header nats.Header) (call, *projection.QueryError) {
	c := call{request: projection.Request{Params: eventlog.Value("{}"), Limit: projection.DefaultLimit}}
	if len(body) > maxRequest {
		return c, projection.Fail(projection.BadRequest, "the request has %d bytes, the most is %d", len(body), maxRequest)
	}
	if len(body) > 0 {
		v, err := eventlog.ParseValue(body)
		if err != nil {
			return c, badField(err)
		}
		if !v.IsObject() {
			return c, projection.Fail(projection.BadRequest, "the request is not a JSON object")
		}
		c.request.Params = v
	}
	if err := c.unwrap(); err != nil {
		return c, badField(err)
	}
	if err := c.headers(header); err != nil {
		return c, err
	}
	if !c.asOf.single() {
		return c, projection.Fail(projection.BadRequest, "only one of as_of_sequence, as_of_time and as_of_snapshot can be asked for")
	}
	return c, nil
}

// single tells whether not more than one place is named.
func (a AsOf) single() bool {
	return a == AsOf{} || a == AsOf{Sequence: a.Sequence} || a == AsOf{Time: a.Time} || a == AsOf{Snapshot: a.Snapshot}
}

func badField(err *eventlog.FieldError) *projection.QueryError {
	q := projection.Fail(projection.BadRequest, "the request is not understood: %s", err)
	q.Details = map[string]any{"field": err.Field, "reason": err.Code}
	return q
}

// unwrap takes the parameters out of CIM's envelope, where there is one, and reads the fields that every request may have.
func (c *call) unwrap() *eventlog.FieldError {
	var kind, params eventlog.Value
	err := c.request.Params.Object(func(name string, v eventlog.Value) *eventlog.FieldError {
		switch name {
		case "query_type":
			kind = v
		case "parameters":
			params = v
		}
		return c.common(name, v)
	})
	if err != nil || kind == nil || params == nil {
		return err
	}
	if params.IsNull() {
		params = eventlog.Value("{}")
	}
	c.request.Params = params
	return params.Object(c.common).InIfAny("parameters")
}

func (c *call) common(name string, v eventlog.Value) (err *eventlog.FieldError) {
	if v.IsNull() {
		return nil
	}
	var n uint64
	switch name {
	case "pagination":
		err = v.Object(c.page)
	case "min_sequence":
		n, err = v.Uint64()
		c.minSequence = eventlog.Seq(n)
	case "stream_created":
		c.created, err = v.Moment()
	case "timeout_ms":
		n, err = v.Uint64()
		err = c.setTimeout(n, err)
	case "as_of_sequence":
		if n, err = v.Uint64(); err == nil && n == 0 {
			err = eventlog.Refuse(eventlog.CodeOutOfRange, "")
		}
		c.asOf.Sequence = eventlog.Seq(n)
	case "as_of_time":
		c.asOf.Time, err = v.Moment()
	case "as_of_snapshot":
		c.asOf.Snapshot, err = v.Text()
	}
	return err.InIfAny(name)
}

func (c *call) setTimeout(ms uint64, err *eventlog.FieldError) *eventlog.FieldError {
	switch {
	case err != nil:
		return err
	case ms == 0 || ms > uint64(longestTimeout/time.Millisecond):
		return eventlog.Refuse(eventlog.CodeOutOfRange, "")
	}
	if d := time.Duration(ms) * time.Millisecond; c.timeout == 0 || d < c.timeout {
		c.timeout = d
	}
	return nil
}

func (c *call) page(name string, v eventlog.Value) *eventlog.FieldError {
	if v.IsNull() || name != "offset" && name != "limit" {
		return nil
	}
	n, err := v.Uint64()
	switch {
	case err != nil:
		return err.In(name)
	case name == "offset" && n > 1<<31:
		return eventlog.Refuse(eventlog.CodeOutOfRange, name)
	case name == "offset":
		c.request.Offset = int(n)
	case n == 0 || n > projection.MaxLimit:
		return eventlog.Refuse(eventlog.CodeOutOfRange, name)
	default:
		c.request.Limit = int(n)
	}
	return nil
}

func (c *call) headers(h nats.Header) *projection.QueryError {
	if text := h.Get(HeaderMinSequence); text != "" {
		seq, err := eventlog.ParseSeq(text)
		if err != nil {
			return projection.Fail(projection.BadRequest, "header %s: %v", HeaderMinSequence, err)
		}
		c.minSequence = seq
	}
	if text := h.Get(HeaderTimeout); text != "" {
		ms, err := eventlog.ParseSeq(text)
		if err != nil || c.setTimeout(uint64(ms), nil) != nil {
			return projection.Fail(projection.BadRequest, "header %s: %q is not a number of milliseconds up to %d",
				HeaderTimeout, text, longestTimeout/time.Millisecond)
		}
	}
	return nil
}
