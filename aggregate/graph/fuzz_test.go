package graph_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/thecowboyai/cim-projector/aggregate/graph"
	"github.com/thecowboyai/cim-projector/aggregate/graph/graphtest"
	"github.com/thecowboyai/cim-projector/eventlog"
)

// FuzzDecode takes any JSON as the payload of any type: it is a change, no change, or an error with a known code and a
// place; the owner agrees; and the change has a result in an empty state and in one with rows, the same twice.
func FuzzDecode(f *testing.F) {
	for _, c := range everyEvent {
		f.Add(c.kind, c.payload, "g")
		f.Add(c.kind, `{"graph_id":{"id":"g"},"node_id":"a","edge_id":"ab"}`, "")
	}
	for _, hostile := range []string{
		`null`, `true`, `""`, `-0`, `1e999`, `[]`, `{}`, `[[[[]]]]`, `{"":{"":""}}`,
		`{"graph_id":"\u0000","node_id":" ","new_position":[-0,1e-400]}`,
		`{"graph_id":"g","node_id":"a","new_position":{"x":3.4028235e38,"y":3.4028236e38}}`,
		`{"graph_id":"g","node_id":"a","position":[null,null,null],"components":[null,[],{}],"metadata":{"":null}}`,
		`{"graph_id":"g","node_id":"a","changes":{"component_updates":[{"Add":{}},{"Modify":{"component_type":"a"}}]}}`,
		`{"graph_id":"g","node_id":"a","connected_edges":["ab","ab",{"value":"bb"}]}`,
		`{"graph_id":"g","node_positions":{"a":[1,2],"\u0000":[1,2],"b":null}}`,
		`{"graph_id":"g","edge_id":"ab","source":"b","target":"b","weight":1e-50}`,
	} {
		for _, c := range everyEvent {
			f.Add(c.kind, hostile, "")
		}
	}
	for _, list := range []string{`[{"id":"a"},{"id":"a"}]`, `[{"id":""}]`, `[[]]`, `[{"id":"b","source_id":"a","target_id":"b","color":null,"size":0}]`} {
		f.Add("nodes_bulk_added", `{"graph_id":"g","nodes":`+list+`}`, "")
		f.Add("edges_bulk_added", `{"graph_id":"g","edges":`+list+`}`, "")
		f.Add("graph_snapshot", `{"graph_id":"g","nodes":`+list+`,"edges":`+list+`,"metadata":{}}`, "g")
	}
	f.Fuzz(func(t *testing.T, kind, payload, aggregate string) {
		v, refused := eventlog.ParseValue([]byte(payload))
		if refused != nil {
			return
		}
		e := &eventlog.Event{Payload: v, AggregateID: aggregate, Occurred: 99}
		e.Type, e.Name, _ = strings.Cut(kind, "/")
		c, err := graph.Decode(e)
		switch {
		case err != nil:
			checkRefusal(t, c, err)
			return
		case (c != nil) != graph.Known(e.Type):
			t.Fatalf("Decode = %v, Known = %v", c, graph.Known(kind))
		}
		if _, transient := c.(graph.Transient); c != nil && !transient && graph.Owner(e) != c.GraphID() {
			t.Errorf("Owner = %q, the change's graph is %q", graph.Owner(e), c.GraphID())
		}
		checkApply(t, e, c, nil)
		checkApply(t, e, c, everyEvent[:6])
		checkApply(t, e, c, append(everyEvent[:6:6], fact{"node_deleted/node_removed", `{"graph_id":"g","node_id":"a"}`}))
	})
}

func checkRefusal(t *testing.T, c graph.Change, err *eventlog.FieldError) {
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

func checkApply(t *testing.T, e *eventlog.Event, c graph.Change, given []fact) {
	t.Helper()
	var s graphtest.State
	for i, f := range given {
		apply(t, &s, event(t, f, eventlog.Time(i+1)))
	}
	graph.Apply(&s, e, c)
	once := s.Lines()
	if err := s.Check(); err != nil {
		t.Fatal(err)
	}
	graph.Apply(&s, e, c)
	if diff := cmp.Diff(once, s.Lines()); diff != "" {
		t.Errorf("rows (-once +twice):\n%s", diff)
	}
	if err := s.Check(); err != nil {
		t.Fatal(err)
	}
}
