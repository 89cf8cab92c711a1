package conceptual_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/thecowboyai/cim-projector/aggregate/conceptual"
	"github.com/thecowboyai/cim-projector/aggregate/conceptual/conceptualtest"
	"github.com/thecowboyai/cim-projector/eventlog"
)

// FuzzDecode takes any JSON as the payload of any type: it is a change, no change, or an error with a known code and a
// place; the owner agrees; and the change has a result in an empty state and in one with rows, the same twice.
func FuzzDecode(f *testing.F) {
	for _, c := range everyEvent {
		f.Add(strings.ReplaceAll(c.kind, "<", " "), c.payload, "s")
	}
	for _, hostile := range []string{
		`null`, `true`, `""`, `-0`, `1e999`, `[]`, `{}`, `[[[[]]]]`, `{"":{"":""}}`,
		`{"entity_id":"e","embedding_vector":[-0,1e-400,3.4028235e38]}`, `{"entity_id":"e","embedding_vector":[[],0,null]}`,
		`{"concept_id":"c","space_id":"s","position":[null],"properties":{"":null},"metadata":{}}`,
		`{"space_id":"s","dimension_changes":[{"Add":{}},{"Remove":{}},null,[],"x"],"weights":[null],"removed_weights":null}`,
		`{"category_id":"k","region":{"id":null,"prototype":null},"member_points":[{},[],{"id":"e"}],"member_count":0}`,
		`{"entity_a":"\u0000","entity_b":" ","similarity":-0,"metric":{"a":1,"b":2}}`,
	} {
		for _, c := range everyEvent {
			f.Add(strings.ReplaceAll(c.kind, "<", " "), hostile, "")
		}
	}
	f.Fuzz(func(t *testing.T, kind, payload, aggregate string) {
		v, refused := eventlog.ParseValue([]byte(payload))
		if refused != nil {
			return
		}
		e := &eventlog.Event{Payload: v, AggregateID: aggregate, Seq: 99, Occurred: 99}
		e.Type, e.Name, _ = strings.Cut(kind, " ")
		c, err := conceptual.Decode(e)
		owner := conceptual.Owner(e)
		switch {
		case err != nil:
			checkRefusal(t, c, err)
			return
		case (c != nil) != conceptual.Known(e):
			t.Fatalf("Decode = %v, Known = %v", c, conceptual.Known(e))
		case c != nil:
			if owners := c.Owners(); len(owners) > 0 && (owners[0] != owner || slices.Contains(owners, "")) {
				t.Errorf("Owner = %q, the change's are %q", owner, owners)
			}
		}
		checkApply(t, e, c, nil)
		checkApply(t, e, c, everyEvent[:7])
	})
}

func checkRefusal(t *testing.T, c conceptual.Change, err *eventlog.FieldError) {
	t.Helper()
	if c != nil || !strings.HasPrefix(err.Field, "payload") {
		t.Errorf("Decode = %v, %v; want no change, and a place in the payload", c, err)
	}
	switch err.Code {
	case eventlog.CodeMissingField, eventlog.CodeWrongType, eventlog.CodeOutOfRange, eventlog.CodeTooLong, eventlog.CodeEmptyID:
	default:
		t.Errorf("refused with the code %s", err.Code)
	}
}

func checkApply(t *testing.T, e *eventlog.Event, c conceptual.Change, given []fact) {
	t.Helper()
	var s conceptualtest.State
	for i, f := range given {
		apply(t, &s, event(t, f, i+1))
	}
	conceptual.Apply(&s, e, c)
	once := s.Lines()
	if err := s.Check(); err != nil {
		t.Fatal(err)
	}
	conceptual.Apply(&s, e, c)
	if diff := cmp.Diff(once, s.Lines()); diff != "" && !reorders(c) {
		t.Errorf("rows (-once +twice):\n%s", diff)
	}
	if err := s.Check(); err != nil {
		t.Fatal(err)
	}
}

// reorders tells whether a change drops a dimension and adds dimensions again, or takes one for another that has
// its identifier as a name: done twice, this leaves them in another order.
func reorders(c conceptual.Change) bool {
	changes := []conceptual.DimensionChange(nil)
	switch c := c.(type) {
	case *conceptual.SpaceRecalibrated:
		changes = c.Changes
	case *conceptual.SpaceCreated:
		changes = c.Dimensions
	}
	return slices.ContainsFunc(changes, func(c conceptual.DimensionChange) bool {
		return c.Kind == conceptual.RemoveDimension || c.Dimension.ID != nil
	})
}

// after is the state that an event leads to, where its body is overwritten behind decoding or not.
func after(t *testing.T, e *eventlog.Event, overwrite bool) string {
	t.Helper()
	body := slices.Clone(e.Payload)
	own := *e
	own.Payload = body
	c, err := conceptual.Decode(&own)
	if err != nil {
		t.Fatal(err)
	}
	if overwrite {
		for i := range body {
			body[i] = '#'
		}
	}
	var s conceptualtest.State
	conceptual.Apply(&s, &own, c)
	return strings.Join(s.Lines(), "\n")
}
