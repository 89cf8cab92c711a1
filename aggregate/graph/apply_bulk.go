package graph

func (c *NodesAdded) apply(s scope) {
	if added := c.add(s); len(c.Nodes) > 0 {
		s.touch(added, 0)
	}
}

// add puts all nodes and returns how many are new. The graph's row is left to the caller.
func (c *NodesAdded) add(s scope) int {
	s.emptyIDs(c.EmptyIDs)
	added := 0
	for i := range c.Nodes {
		if isNew, _ := c.Nodes[i].put(s); isNew {
			added++
		}
	}
	return added
}

func (c *EdgesAdded) apply(s scope) {
	if added := c.add(s); len(c.Edges) > 0 {
		s.touch(0, added)
	}
}

// add puts all edges and returns how many are new. The graph's row is left to the caller.
func (c *EdgesAdded) add(s scope) int {
	s.emptyIDs(c.EmptyIDs)
	added := 0
	for i := range c.Edges {
		if c.Edges[i].put(s) {
			added++
		}
	}
	return added
}

func (s scope) emptyIDs(n int) {
	for range n {
		s.Anomaly(EmptyID, s.graph)
	}
}

// apply replaces what is in the graph. What it does not list is gone, and so are all former attributes of what it does.
func (c *GraphSnapshot) apply(s scope) {
	next, ok := s.open()
	if ok {
		s.DeleteContent(c.Graph)
	} else {
		s.Anomaly(UnknownGraph, c.Graph)
	}
	next.NodeCount = added(0, c.Nodes.add(s))
	next.EdgeCount = added(0, c.Edges.add(s))
	if c.Stated {
		next.Metadata = c.Metadata
	}
	s.PutGraph(&next)
}
