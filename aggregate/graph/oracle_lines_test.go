package graph_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// lines are those of graphtest.State.Lines without times, sorted.
func (o *oracle) lines() []string {
	var out []string
	for id, g := range o.graphs {
		out = append(out, "graph "+id+o.attributes(g)+fmt.Sprintf(" %d nodes %d edges", count(o.nodes, id), count(o.edges, id)))
		if g.gone != nil {
			for k, e := range g.gone.edges {
				out = append(out, e.line("held", k))
			}
		}
	}
	for k, n := range o.nodes {
		l := "node " + k[0] + "/" + k[1]
		if p := n.position; p != nil {
			l += fmt.Sprintf(" at=(%v,%v,%v)", p[0], p[1], p[2])
		}
		out = append(out, l+mapText(" metadata", n.metadata))
	}
	for k, e := range o.edges {
		out = append(out, e.line("edge", k))
	}
	slices.Sort(out)
	return out
}

func (o *oracle) attributes(g *oracleGraph) string {
	l := ""
	if !g.known {
		l += " placeholder"
	}
	if g.archived {
		l += " archived"
	}
	l += mapText(" metadata", g.metadata)
	if len(g.tags) > 0 {
		l += " tags=" + strings.Join(slices.Sorted(maps.Keys(g.tags)), ",")
	}
	if g.gone != nil {
		l += fmt.Sprintf(" removed=%s@%d+%d", g.gone.node, g.gone.created, len(g.gone.edges))
	}
	return l
}

func (e oracleEdge) line(what string, k [2]string) string {
	l := what + " " + k[0] + "/" + k[1] + " " + e.source + "->" + e.target
	if e.weight != nil {
		l += fmt.Sprintf(" weight=%v", *e.weight)
	}
	return l + mapText(" properties", e.properties)
}

func count[V any](rows map[[2]string]V, graph string) int {
	n := 0
	for k := range rows {
		if k[0] == graph {
			n++
		}
	}
	return n
}
