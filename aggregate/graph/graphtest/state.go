package graphtest

import (
	"cmp"
	"maps"
	"slices"

	"github.com/thecowboyai/cim-projector/aggregate/graph"
)

var _ graph.State = (*State)(nil)

// Key names a node or edge in its graph.
type Key struct{ Graph, ID string }

// Record is an anomaly as it was recorded.
type Record struct {
	Code    graph.Anomaly
	Subject string
}

// State is a graph.State in memory. The zero value is empty and ready.
type State struct {
	// Anomalies are all that were recorded, in order.
	Anomalies []Record

	graphs   map[string]kept[graph.Graph]
	nodes    map[Key]kept[graph.Node]
	edges    map[Key]kept[graph.Edge]
	held     map[Key]kept[graph.Edge]
	incident map[Key]map[string]struct{}
	changed  []error // of rows that are no longer there
}

// kept is a row as it was put, and a copy made at that moment.
type kept[T any] struct{ row, copy *T }

// Graph implements graph.State.
func (s *State) Graph(id string) (*graph.Graph, bool) { return row(s.graphs, id) }

// Node implements graph.State.
func (s *State) Node(graphID, node string) (*graph.Node, bool) {
	return row(s.nodes, Key{graphID, node})
}

// Edge implements graph.State.
func (s *State) Edge(graphID, edge string) (*graph.Edge, bool) {
	return row(s.edges, Key{graphID, edge})
}

// PutGraph implements graph.State.
func (s *State) PutGraph(g *graph.Graph) {
	retire(s, s.graphs, g.ID)
	put(&s.graphs, g.ID, kept[graph.Graph]{g, CloneGraph(g)})
}

// PutNode implements graph.State.
func (s *State) PutNode(n *graph.Node) {
	k := Key{n.GraphID, n.ID}
	retire(s, s.nodes, k)
	put(&s.nodes, k, kept[graph.Node]{n, CloneNode(n)})
}

// DeleteNode implements graph.State.
func (s *State) DeleteNode(graphID, node string) { retire(s, s.nodes, Key{graphID, node}) }

// PutEdge implements graph.State.
func (s *State) PutEdge(e *graph.Edge) {
	s.DeleteEdge(e.GraphID, e.ID)
	put(&s.edges, Key{e.GraphID, e.ID}, kept[graph.Edge]{e, CloneEdge(e)})
	for _, node := range [...]string{e.Source, e.Target} {
		end := Key{e.GraphID, node}
		if s.incident[end] == nil {
			put(&s.incident, end, make(map[string]struct{}))
		}
		s.incident[end][e.ID] = struct{}{}
	}
}

// DeleteEdge implements graph.State.
func (s *State) DeleteEdge(graphID, edge string) {
	old, ok := s.Edge(graphID, edge)
	if !ok {
		return
	}
	retire(s, s.edges, Key{graphID, edge})
	for _, node := range [...]string{old.Source, old.Target} {
		end := Key{graphID, node}
		delete(s.incident[end], edge)
		if len(s.incident[end]) == 0 {
			delete(s.incident, end)
		}
	}
}

// Incident implements graph.State.
func (s *State) Incident(graphID, node string) []string {
	return slices.Sorted(maps.Keys(s.incident[Key{graphID, node}]))
}

// DeleteContent implements graph.State.
func (s *State) DeleteContent(graphID string) {
	for _, k := range sortedKeys(s.nodes) {
		if k.Graph == graphID {
			s.DeleteNode(k.Graph, k.ID)
		}
	}
	for _, k := range sortedKeys(s.edges) {
		if k.Graph == graphID {
			s.DeleteEdge(k.Graph, k.ID)
		}
	}
	s.Release(graphID)
}

// DeleteGraph implements graph.State.
func (s *State) DeleteGraph(id string) { retire(s, s.graphs, id) }

// Hold implements graph.State.
func (s *State) Hold(e *graph.Edge) {
	k := Key{e.GraphID, e.ID}
	retire(s, s.held, k)
	put(&s.held, k, kept[graph.Edge]{e, CloneEdge(e)})
}

// Held implements graph.State.
func (s *State) Held(graphID string) []*graph.Edge {
	var out []*graph.Edge
	for _, k := range sortedKeys(s.held) {
		if k.Graph == graphID {
			out = append(out, s.held[k].row)
		}
	}
	return out
}

// Release implements graph.State.
func (s *State) Release(graphID string) {
	for _, k := range sortedKeys(s.held) {
		if k.Graph == graphID {
			retire(s, s.held, k)
		}
	}
}

// Anomaly implements graph.State.
func (s *State) Anomaly(code graph.Anomaly, subject string) {
	s.Anomalies = append(s.Anomalies, Record{code, subject})
}

// Graphs returns copies of all rows of graphs, by id.
func (s *State) Graphs() []graph.Graph {
	var out []graph.Graph
	for _, id := range slices.Sorted(maps.Keys(s.graphs)) {
		out = append(out, *CloneGraph(s.graphs[id].row))
	}
	return out
}

// Nodes returns copies of all rows of nodes, by graph and id.
func (s *State) Nodes() []graph.Node {
	var out []graph.Node
	for _, k := range sortedKeys(s.nodes) {
		out = append(out, *CloneNode(s.nodes[k].row))
	}
	return out
}

// Edges returns copies of all rows of edges, by graph and id.
func (s *State) Edges() []graph.Edge {
	var out []graph.Edge
	for _, k := range sortedKeys(s.edges) {
		out = append(out, *CloneEdge(s.edges[k].row))
	}
	return out
}

// HeldEdges returns copies of all edges that are held back, by graph and id.
func (s *State) HeldEdges() []graph.Edge {
	var out []graph.Edge
	for _, k := range sortedKeys(s.held) {
		out = append(out, *CloneEdge(s.held[k].row))
	}
	return out
}

func row[K comparable, T any](rows map[K]kept[T], k K) (*T, bool) {
	r, ok := rows[k]
	return r.row, ok
}

// retire takes a row out, after a last look at whether it is still what was put.
func retire[K comparable, T any](s *State, rows map[K]kept[T], k K) {
	if r, ok := rows[k]; ok {
		if err := unchanged(k, r); err != nil {
			s.changed = append(s.changed, err)
		}
		delete(rows, k)
	}
}

func put[K comparable, V any](m *map[K]V, k K, v V) {
	if *m == nil {
		*m = make(map[K]V)
	}
	(*m)[k] = v
}

func sortedKeys[V any](m map[Key]V) []Key {
	return slices.SortedFunc(maps.Keys(m), func(a, b Key) int {
		return cmp.Or(cmp.Compare(a.Graph, b.Graph), cmp.Compare(a.ID, b.ID))
	})
}
