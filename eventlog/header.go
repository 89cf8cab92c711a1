package eventlog

import (
	"math"
	"strconv"
	"time"
)

// The headers that say what an envelope would, under all names that CIM's producers have for them. X-Sequence is not
// among them: it counts what a publisher sent, not what happened to an aggregate.
var (
	typeHeaders        = []string{"X-Event-Type", "Cim-Event-Type"}
	idHeaders          = []string{"X-Message-ID", "Cim-Event-Id"}
	aggregateHeaders   = []string{"X-Workflow-ID", "Cim-Aggregate-Id", "Aggregate-Id"}
	correlationHeaders = []string{"X-Correlation-ID", "Cim-Correlation-Id", "Correlation-Id"}
	causationHeaders   = []string{"X-Causation-ID", "Cim-Causation-Id", "Causation-Id"}
	actorHeaders       = []string{"X-Actor"}
	timeHeaders        = []string{"X-Timestamp"}
)

// dedupHeader is the broker's own, which most producers fill with the event's id.
const dedupHeader = "Nats-Msg-Id"

// headerValue is one header under the name that it was found by.
type headerValue struct{ name, value string }

// first returns the first of these headers that is not empty.
func (h Header) first(names ...string) headerValue {
	for _, name := range names {
		if v := h.Get(name); v != "" {
			return headerValue{name, v}
		}
	}
	return headerValue{}
}

// fromHeaders fills in what the body did not state. Headers of what it did state are not looked at.
func (e *Event) fromHeaders(h Header) *FieldError {
	if len(h) == 0 {
		return nil
	}
	dedup, ok := h[dedupHeader]
	if len(h) > 1 || !ok {
		if err := e.fromProducer(h); err != nil {
			return err
		}
	}
	if e.ID == "" && len(dedup) > 0 && checkText(dedup[0]) == "" {
		e.ID = dedup[0]
	}
	return nil
}

func (e *Event) fromProducer(h Header) *FieldError {
	for _, m := range [...]struct {
		field *string
		names []string
	}{
		{&e.ID, idHeaders},
		{&e.AggregateID, aggregateHeaders},
		{&e.Correlation, correlationHeaders},
		{&e.Causation, causationHeaders},
		{&e.Actor, actorHeaders},
	} {
		if *m.field != "" {
			continue
		}
		stated := h.first(m.names...)
		if code := checkText(stated.value); code != "" {
			return Refuse(code, "headers."+stated.name)
		}
		*m.field = stated.value
	}
	if stated := h.first(timeHeaders...); stated.value != "" && e.Occurred.IsZero() {
		at, err := seconds(stated.value)
		e.Occurred = at
		return err.InIfAny("headers." + stated.name)
	}
	return nil
}

// seconds reads whole seconds since 1970 from text.
func seconds(text string) (Time, *FieldError) {
	n, err := strconv.ParseUint(text, 10, 64)
	switch {
	case err != nil && n == math.MaxUint64:
		return 0, Refuse(CodeOutOfRange, "")
	case err != nil:
		return 0, Refuse(CodeWrongType, "")
	}
	return scaled(n, 0, uint64(time.Second))
}
