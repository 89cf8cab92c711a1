package graphmodel

import (
	"slices"

	"github.com/thecowboyai/cim-projector/aggregate/graph"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/projection/finding"
)

// check is one run of Check: what it reads, and what it found.
type check struct {
	*model
	finding.List

	view *projection.View
}

// Check implements projection.Checker. It holds counts against the rows that they count, adjacency against the edges in both
// directions, every key against its row, what is held back against the node that it would return with, and empty parts and
// sets against their canonical form.
func (m *model) Check(v *projection.View) []string {
	c := &check{model: m, view: v}
	c.graphRows()
	c.nodeRows()
	c.edgeRows()
	c.adjacencyRows()
	c.heldRows()
	return c.Problems()
}

func (c *check) graphRows() {
	c.graphs.Scan(c.view, "", "", func(key projection.Key, g *graph.Graph) bool {
		if key != projection.MakeKey(g.ID) {
			return c.Found("graph %q stands under the key %q", g.ID, key)
		}
		if g.NodeCount > 0 && !has(c.view, c.nodes, key) {
			c.Found("graph %q counts %d nodes and has none", g.ID, g.NodeCount)
		}
		if g.EdgeCount > 0 && !has(c.view, c.edges, key) {
			c.Found("graph %q counts %d edges and has none", g.ID, g.EdgeCount)
		}
		if g.Removed != nil && g.Removed.Edges > 0 && !has(c.view, c.held, key) {
			c.Found("graph %q counts %d edges that are held back and has none", g.ID, g.Removed.Edges)
		}
		if g.Metadata != nil && len(g.Metadata) == 0 || g.Tags != nil && len(g.Tags) == 0 {
			c.Found("graph %q has an empty list or object that is stored", g.ID)
		}
		if slices.Compare(g.Tags, slices.Compact(slices.Sorted(slices.Values(g.Tags)))) != 0 {
			c.Found("graph %q has tags that are no sorted set", g.ID)
		}
		return c.Wanted()
	})
}

// has tells whether a table has a row below a prefix.
func has[V any](v *projection.View, t projection.Table[V], prefix projection.Key) (found bool) {
	t.Scan(v, prefix, "", func(projection.Key, *V) bool {
		found = true
		return false
	})
	return found
}

func (c *check) nodeRows() {
	run := counting{check: c, what: "nodes", counted: func(g *graph.Graph) uint64 { return g.NodeCount }}
	c.nodes.Scan(c.view, "", "", func(key projection.Key, n *graph.Node) bool {
		if key != projection.MakeKey(n.GraphID, n.ID) {
			c.Found("node %q of graph %q stands under the key %q", n.ID, n.GraphID, key)
		}
		if n.Components != nil && len(n.Components) == 0 || n.Modifications != nil && len(n.Modifications) == 0 ||
			n.Metadata != nil && len(n.Metadata) == 0 {
			c.Found("node %q of graph %q has an empty list or object that is stored", n.ID, n.GraphID)
		}
		run.count(key)
		return c.Wanted()
	})
	run.end()
}

func (c *check) edgeRows() {
	run := counting{check: c, what: "edges", counted: func(g *graph.Graph) uint64 { return g.EdgeCount }}
	c.edges.Scan(c.view, "", "", func(key projection.Key, e *graph.Edge) bool {
		if key != projection.MakeKey(e.GraphID, e.ID) {
			c.Found("edge %q of graph %q stands under the key %q", e.ID, e.GraphID, key)
		}
		if e.Properties != nil && len(e.Properties) == 0 {
			c.Found("edge %q of graph %q has an empty object that is stored", e.ID, e.GraphID)
		}
		ends(e, func(key projection.Key, want adjacent) {
			if got, ok := c.adjacency.Get(c.view, key); !ok || *got != want {
				c.Found("the adjacency of edge %q of graph %q is wrong at the end opposite to %q", e.ID, e.GraphID, want.Other)
			}
		})
		run.count(key)
		return c.Wanted()
	})
	run.end()
}

// heldRows holds edges that are held back against the removal that they are of.
func (c *check) heldRows() {
	run := counting{check: c, what: "edges that are held back", counted: func(g *graph.Graph) uint64 {
		if g.Removed == nil {
			return 0
		}
		return g.Removed.Edges
	}}
	c.held.Scan(c.view, "", "", func(key projection.Key, e *graph.Edge) bool {
		if key != projection.MakeKey(e.GraphID, e.ID) {
			c.Found("edge %q of graph %q is held back under the key %q", e.ID, e.GraphID, key)
		}
		g, ok := c.graphs.Get(c.view, projection.MakeKey(e.GraphID))
		if ok && g.Removed != nil && e.Source != g.Removed.Node && e.Target != g.Removed.Node {
			c.Found("edge %q of graph %q is held back for node %q, where it does not end", e.ID, e.GraphID, g.Removed.Node)
		}
		run.count(key)
		return c.Wanted()
	})
	run.end()
}

// adjacencyRows looks for rows that no edge makes; that every edge has its own is checked with the edges.
func (c *check) adjacencyRows() {
	c.adjacency.Scan(c.view, "", "", func(key projection.Key, _ *adjacent) bool {
		graphID, rest, err := key.CutText()
		if err != nil {
			return c.Found("an adjacency row stands under the key %q", key)
		}
		node, rest, err := rest.CutText()
		if err != nil {
			return c.Found("an adjacency row stands under the key %q", key)
		}
		edge, rest, err := rest.CutText()
		if err != nil || rest != "" {
			return c.Found("an adjacency row stands under the key %q", key)
		}
		e, ok := c.edges.Get(c.view, projection.MakeKey(graphID, edge))
		if !ok || e.Source != node && e.Target != node {
			return c.Found("an adjacency row of graph %q ties node %q to edge %q, which does not end there", graphID, node, edge)
		}
		return true
	})
}

// counting compares the rows of each graph, which stand one behind the other, with the graph's own count.
type counting struct {
	*check
	what    string
	counted func(*graph.Graph) uint64
	prefix  projection.Key // of the graph whose rows are being counted; "" before the first
	rows    uint64
}

func (c *counting) count(key projection.Key) {
	if c.prefix == "" || !key.HasPrefix(c.prefix) {
		c.end()
		id, _, err := key.CutText()
		if err != nil {
			return // reported as a wrong key
		}
		c.prefix, c.rows = projection.MakeKey(id), 0
	}
	c.rows++
}

func (c *counting) end() {
	if c.prefix == "" {
		return
	}
	id, _, _ := c.prefix.CutText()
	g, ok := c.graphs.Get(c.view, c.prefix)
	switch {
	case !ok:
		c.Found("%d %s belong to graph %q, which has no row", c.rows, c.what, id)
	case c.counted(g) != c.rows:
		c.Found("graph %q counts %d %s and has %d", id, c.counted(g), c.what, c.rows)
	}
	c.prefix = ""
}
