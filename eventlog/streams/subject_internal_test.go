package streams

import (
	"slices"
	"strings"
	"testing"

	"github.com/nats-io/nats-server/v2/server"
	"pgregory.net/rapid"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// TestPatternsAsTheServer holds both relations of patterns against the server's own.
func TestPatternsAsTheServer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pattern := rapid.Custom(func(t *rapid.T) string {
			tokens := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "*"}), 1, 4).Draw(t, "tokens")
			if rapid.Bool().Draw(t, "open") {
				tokens = append(tokens, ">")
			}
			return strings.Join(tokens, ".")
		})
		a, b := pattern.Draw(t, "a"), pattern.Draw(t, "b")
		if got, want := collides(a, b), server.SubjectsCollide(a, b); got != want {
			t.Errorf("collides(%q, %q) = %t, the server says %t", a, b, got, want)
		}
		if got, want := covers(a, b), server.SubjectMatchesFilter(b, a); got != want {
			t.Errorf("covers(%q, %q) = %t, the server says %t", a, b, got, want)
		}
	})
}

func TestJoined(t *testing.T) {
	for _, c := range []struct{ name, held, added, want string }{
		{"nothing held", "", "a.> b", "a.> b"},
		{"nothing new", "a.> b", "b a.x", "a.> b"},
		{"wider", "a.x b a.y.z", "a.>", "b a.>"},
		{"order is kept", "c b", "a", "c b a"},
		{"a crossing one stays, to be refused", "a.*.x", "a.y.>", "a.*.x a.y.>"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := joined(strings.Fields(c.held), strings.Fields(c.added)); !slices.Equal(got, strings.Fields(c.want)) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestTrap25PatternsAreChecked(t *testing.T) {
	for pattern, want := range map[string]bool{
		"a": true, "a.*.b": true, "a.>": true, ">": true, "*": true,
		"": false, "a..b": false, "a.": false, ".a": false, "a.>.b": false, "event.graph.node_*": false, "a.x>": false, "a b": false,
		"a\tb": false, "a.\x7f": false,
	} {
		if err := checkPattern(pattern); (err == nil) != want {
			t.Errorf("checkPattern(%q) = %v, want it to be taken: %t", pattern, err, want)
		}
	}
}

// TestFamilies holds the subjects that a layout can ask for against what a stream may take, and against each other.
func TestFamilies(t *testing.T) {
	all := append(DocumentSubjects(), familySubjects()...)
	for _, s := range all {
		if err := firstProblem(checkPattern(s), func() error { return checkTakable(s) }); err != nil {
			t.Error(err)
		}
	}
	if a, b, found := overlap(all); found {
		t.Errorf("%s overlaps with %s", a, b)
	}
	for _, subject := range []string{ // one that each family's producer really uses
		"event.node.added", "event.subgraph_op.x", "event.conceptual_space.created.s1", "events.domain.workflow.created",
		"events.workflow.0b1e.workflowcreated", "graph.g1.node.added", "alchemist.workflow.step.started", "graphs.node.added.v1",
		"workflows.workflow.started.v1", "local.cim.workflow.0b1e", "cim.graph.ipld.0b1e.node_added",
		"cim.events.domain.person.registered.0b1e.v1", "cim.cim.cim.workflow.instance.lifecycle.workflowcreated.0b1e",
		"conceptualspace.conceptadded", "agent.events.agent.0b1e.deployed", "agent.model_config.events.x",
		"infrastructure.compute.0b1e.registered", "event.graph.node_created",
	} {
		if !slices.ContainsFunc(all, func(pattern string) bool { return eventlog.MatchSubject(pattern, subject) }) {
			t.Errorf("no family takes %s", subject)
		}
	}
	for _, subject := range []string{
		"event.dlq.processing_failed", "agent.commands.agent.0b1e.deploy", "query.graph.list", "cim.aggregates.x",
	} {
		if collidesWith(all, subject) {
			t.Errorf("%s is no event, and is taken", subject)
		}
	}
}
