package graphmodel

import (
	"encoding/json"
	"time"

	"github.com/thecowboyai/cim-projector/aggregate/graph"
	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection/show"
)

// GraphSummary is a graph as it is answered. A placeholder, made by the first node or edge of a graph that was never created, has
// null for all that a creation states. What the document's events cannot state (metadata, tags, layout) is absent where no other
// event has.
type GraphSummary struct {
	GraphID           string          `json:"graph_id"`
	Name              *string         `json:"name"`
	Description       *string         `json:"description"`
	GraphType         json.RawMessage `json:"graph_type"`
	Owner             *string         `json:"owner"`
	AccessPolicy      json.RawMessage `json:"access_policy"`
	ConceptualSpaceID *string         `json:"conceptual_space_id"`
	NodeCount         uint64          `json:"node_count"`
	EdgeCount         uint64          `json:"edge_count"`
	CreatedAt         *time.Time      `json:"created_at"`
	UpdatedAt         *time.Time      `json:"updated_at"`
	Archived          bool            `json:"archived"`

	Metadata map[string]json.RawMessage `json:"metadata,omitzero"`
	Tags     []string                   `json:"tags,omitzero"`   // sorted, each once
	Layout   json.RawMessage            `json:"layout,omitzero"` // as received
}

// NodeView is a node as it is answered. Parts that were never set are null, lists and objects then empty; Components,
// Modifications and Metadata are absent where the question left them out, Edges where it did not ask for them, Label and Content
// where no event has stated them: those of the document cannot.
type NodeView struct {
	GraphID         string                     `json:"graph_id"`
	NodeID          string                     `json:"node_id"`
	NodeType        json.RawMessage            `json:"node_type"` // as received
	Kind            *string                    `json:"kind"`      // the tag of node_type
	Position        *Position                  `json:"position"`
	Components      []json.RawMessage          `json:"components,omitzero"`
	Modifications   []json.RawMessage          `json:"modifications,omitzero"` // Modify updates that still stand
	Metadata        map[string]json.RawMessage `json:"metadata,omitzero"`
	ConceptualPoint json.RawMessage            `json:"conceptual_point"`
	CreatedAt       *time.Time                 `json:"created_at"`
	UpdatedAt       *time.Time                 `json:"updated_at"`
	Edges           []EdgeView                 `json:"edges,omitzero"`
	Label           *string                    `json:"label,omitzero"`
	Content         json.RawMessage            `json:"content,omitzero"` // as received
}

// Position is a point as it is answered: float32 values, in their shortest decimal form.
type Position struct {
	X float32 `json:"x"`
	Y float32 `json:"y"`
	Z float32 `json:"z"`
}

// EdgeView is an edge as it is answered. Dangling says that one of its ends is not a node that exists. Label and Relationship are
// absent where no event has stated them: those of the document cannot.
type EdgeView struct {
	GraphID          string                     `json:"graph_id"`
	EdgeID           string                     `json:"edge_id"`
	SourceNode       string                     `json:"source_node"`
	TargetNode       string                     `json:"target_node"`
	EdgeType         json.RawMessage            `json:"edge_type"` // as received
	Kind             *string                    `json:"kind"`      // the tag of edge_type
	Weight           *float32                   `json:"weight"`
	Properties       map[string]json.RawMessage `json:"properties"`
	SemanticDistance *float32                   `json:"semantic_distance"`
	CreatedAt        *time.Time                 `json:"created_at"`
	UpdatedAt        *time.Time                 `json:"updated_at"`
	Dangling         bool                       `json:"dangling"`
	Label            *string                    `json:"label,omitzero"`
	Relationship     json.RawMessage            `json:"relationship,omitzero"` // as received
}

// Neighbor is a node that was found by walking, and how many edges away.
type Neighbor struct {
	NodeView

	Depth int `json:"depth"`
}

func summary(g *graph.Graph) GraphSummary {
	return GraphSummary{
		GraphID: g.ID, Name: g.Name, Description: g.Description, GraphType: json.RawMessage(g.GraphType), Owner: g.Owner,
		AccessPolicy: json.RawMessage(g.AccessPolicy), ConceptualSpaceID: g.ConceptualSpaceID,
		NodeCount: g.NodeCount, EdgeCount: g.EdgeCount,
		CreatedAt: show.Moment(g.CreatedAt), UpdatedAt: show.Moment(g.UpdatedAt), Archived: g.Archived,
		Metadata: stated(g.Metadata), Tags: g.Tags, Layout: json.RawMessage(g.Layout),
	}
}

// stated is an object that is absent, not empty, where it has no members.
func stated(m map[string]eventlog.Value) map[string]json.RawMessage {
	if len(m) == 0 {
		return nil
	}
	return show.Object(m)
}

func nodeView(n *graph.Node) NodeView {
	v := NodeView{
		GraphID: n.GraphID, NodeID: n.ID, NodeType: json.RawMessage(n.NodeType), Kind: show.Text(n.Kind),
		Components: show.List(n.Components), Modifications: show.List(n.Modifications), Metadata: show.Object(n.Metadata),
		ConceptualPoint: json.RawMessage(n.ConceptualPoint),
		CreatedAt:       show.Moment(n.CreatedAt), UpdatedAt: show.Moment(n.UpdatedAt),
		Label: n.Label, Content: json.RawMessage(n.Content),
	}
	if p := n.Position; p != nil {
		v.Position = &Position{X: p.X, Y: p.Y, Z: p.Z}
	}
	return v
}

func edgeView(e *graph.Edge, dangling bool) EdgeView {
	return EdgeView{
		GraphID: e.GraphID, EdgeID: e.ID, SourceNode: e.Source, TargetNode: e.Target,
		EdgeType: json.RawMessage(e.EdgeType), Kind: show.Text(e.Kind), Weight: e.Weight, Properties: show.Object(e.Properties),
		SemanticDistance: e.SemanticDistance, CreatedAt: show.Moment(e.CreatedAt), UpdatedAt: show.Moment(e.UpdatedAt), Dangling: dangling,
		Label: e.Label, Relationship: json.RawMessage(e.Relationship),
	}
}
