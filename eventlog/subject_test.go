package eventlog_test

import (
	"testing"

	"github.com/thecowboyai/cim-projector/eventlog"
)

func TestMatchSubject(t *testing.T) {
	tests := []struct {
		pattern, subject string
		want             bool
	}{
		{"a.b", "a.b", true},
		{"a.b", "a.c", false},
		{"a.b", "a.b.c", false},
		{"a.b.c", "a.b", false},
		{"a", "A", false},
		{"*", "a", true},
		{"*", "a.b", false},
		{"a.*", "a.b", true},
		{"a.*", "a", false},
		{"a.*.c", "a.b.c", true},
		{"a.*.c", "a.b.d", false},
		{"*.*", "a.b", true},
		{">", "a", true},
		{">", "a.b.c", true},
		{">", "", false},
		{"a.>", "a.b", true},
		{"a.>", "a.b.c", true},
		{"a.>", "a", false},
		{"a.>", "a.", false},
		{"a.>", "b.c", false},
		{"a.*.>", "a.b.c", true},
		{"a.*.>", "a.b", false},
		{"a*", "ab", false},
		{"", "", false},
		{"a.*", "a.", false},
	}
	for _, test := range tests {
		if got := eventlog.MatchSubject(test.pattern, test.subject); got != test.want {
			t.Errorf("MatchSubject(%q, %q) = %v, want %v", test.pattern, test.subject, got, test.want)
		}
	}
}

func TestCheckSubject(t *testing.T) {
	for _, good := range []string{"a", "a.b.c", "event.graph.node_created", "$KV.x", "ünï.型", "a-b_c:d"} {
		if err := eventlog.CheckSubject(good); err != nil {
			t.Errorf("CheckSubject(%q): %v", good, err)
		}
	}
	for _, bad := range []string{"", ".", "a.", ".a", "a..b", "a.*", "a.>", "a*b", "a>b", "a b", "a\tb", "a\nb", "a\x00b", "a\x7fb"} {
		if err := eventlog.CheckSubject(bad); err == nil {
			t.Errorf("CheckSubject(%q): %v, want it refused", bad, err)
		}
	}
}

func TestSubjectDomain(t *testing.T) {
	for subject, want := range map[string]string{
		"event.graph.node_created":       "graph",
		"event.graph.graph.node_created": "graph",
		"event.conceptual.x":             "conceptual",
		"event.conceptualspace.x":        "conceptual",
		"event.conceptualspaces.x":       "conceptual",
		"event.conceptual_space.x":       "conceptual",
		"event.workflow.step.done":       "workflow",
		"event.graph":                    "",
		"event.graph.":                   "",
		"event.":                         "",
		"events.graph.x":                 "",
		"graph.node_created":             "",
		"":                               "",
	} {
		if got := eventlog.SubjectDomain(subject); got != want {
			t.Errorf("SubjectDomain(%q) = %q, want %q", subject, got, want)
		}
	}
}

func TestCanonicalType(t *testing.T) {
	tests := []struct{ domain, name, want string }{
		{"graph", "node_created", "node_created"},
		{"graph", "graph.node_created", "node_created"},
		{"graph", "graph.graph.node_created", "node_created"},
		{"graph", "event.graph.node_created", "node_created"},
		{"graph", "NodeCreated", "node_created"},
		{"graph", "graph.NodeCreated", "node_created"},
		{"graph", "workflow.started", "workflow.started"},
		{"", "graph.node_created", "graph.node_created"},
		{"", "event.x", "x"},
		{"workflow", "step.done", "step.done"},
		{"graph", "graphics", "graphics"},
		{"graph", "NodeID", "node_id"},
		{"graph", "Node_Created", "node_created"},
		{"graph", "graph.", "graph."},
		{"graph", "event.", "event."},
	}
	for _, test := range tests {
		if got := eventlog.CanonicalType(test.domain, test.name); got != test.want {
			t.Errorf("CanonicalType(%q, %q) = %q, want %q", test.domain, test.name, got, test.want)
		}
	}
}
