package graphmodel_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/projection/graphmodel"
)

// TestTrap70DeletingAGraphIsOneRange deletes, clears and replaces graphs of several sizes. What that adds to the batch is
// the same for all of them, and nothing is left of what there was.
func TestTrap70DeletingAGraphIsOneRange(t *testing.T) {
	for _, c := range []struct{ kind, payload string }{
		{"GraphDeleted", `{"graph_id":"g"}`},
		{"GraphCleared", `{"graph_id":"g"}`},
		{"GraphSnapshot", `{"graph_id":"g","nodes":[{"id":"n1"}],"edges":[{"id":"e1","source_id":"n1","target_id":"n1"}]}`},
	} {
		t.Run(c.kind, func(t *testing.T) {
			small, large := removal(t, 2, c.kind, c.payload), removal(t, 500, c.kind, c.payload)
			if small != large {
				t.Errorf("for a graph of 2 nodes the batch needs %d bytes to be committed, for one of 500 it needs %d", small, large)
			}
		})
	}
}

// removal applies an event to a graph of n nodes, in a batch of its own, and returns what committing it needs, which is so
// much for each row that it changes.
func removal(t *testing.T, n int, kind, payload string) int {
	t.Helper()
	m := open(t, t.TempDir())
	defer m.close()
	history := []eventlog.Record{grown(1, "g", n), wired(2, "g", n), grown(3, "g\x00", 3), wired(4, "g\x00", 3)}
	m.apply(history...)
	m.commit()
	last := event(5, kind, "g", payload)
	m.apply(last)
	needs := m.fold.CommitBytes()
	m.commit()
	m.check()
	m.view(func(v *projection.View) {
		if diff := cmp.Diff(inMemory(t, append(history, last)).Lines(), graphmodel.Rows(v).Lines()); diff != "" {
			t.Errorf("rows (-in memory +stored):\n%s", diff)
		}
	})
	return needs
}

// grown is an event that adds n nodes, wired one that puts an edge from each of them to the next.
func grown(seq int, graphID string, n int) eventlog.Record {
	return bulk(seq, "BulkNodesAdded", "nodes", graphID, n, func(i int) string { return fmt.Sprintf(`{"id":"n%d"}`, i) })
}

func wired(seq int, graphID string, n int) eventlog.Record {
	return bulk(seq, "BulkEdgesAdded", "edges", graphID, n, func(i int) string {
		return fmt.Sprintf(`{"id":"e%d","source_id":"n%d","target_id":"n%d"}`, i, i, i%n+1)
	})
}

func bulk(seq int, kind, list, graphID string, n int, element func(i int) string) eventlog.Record {
	parts := make([]string, n)
	for i := range parts {
		parts[i] = element(i + 1)
	}
	id := strings.ReplaceAll(fmt.Sprintf("%q", graphID), `\x00`, `\u0000`)
	return event(seq, kind, "g", fmt.Sprintf(`{"graph_id":%s,%q:[%s]}`, id, list, strings.Join(parts, ",")))
}
