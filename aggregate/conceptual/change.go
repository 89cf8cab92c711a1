package conceptual

import (
	"slices"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// Change is what one event says about spaces, concepts, entities or categories: the payload, read. It holds
// nothing of the event's body, is never changed, and may be applied to any number of states at once. The types of
// this package are all there are.
type Change interface {
	// Owners returns the ids of everything whose rows the change can touch, the one that the event belongs to first, the
	// others sorted behind it. It is empty for a Transient.
	Owners() []string

	apply(scope)
}

// EmbeddingCalculated carries an entity's vector of one model. The row's Seq and UpdatedAt are not set yet.
type EmbeddingCalculated struct {
	Embedding Embedding
	Vector    Vector
}

// SimilarityComputed carries the similarity of two entities. The row's UpdatedAt is not set yet.
type SimilarityComputed struct {
	Similarity Similarity
}

// CategoryFormed describes a category. What the payload does not state is nil.
type CategoryFormed struct {
	Category       string
	Space          *string
	Name           *string
	Description    *string
	Listed         bool // the payload has a list of members, which can be empty
	Members        []string
	Unnamed        int // members without an identifier, left out
	Count          *uint64
	Prototype      *string
	PrototypePoint Position
	ConvexRegion   eventlog.Value
	Confidence     *float32
}

// SpaceCreated describes a space. What the payload does not state is nil.
type SpaceCreated struct {
	Space          string
	Name           *string
	Description    *string
	Dimensions     []DimensionChange // additions
	DistanceMetric eventlog.Value
	Weights        []*float32 // of the metric, for the dimensions in order; nil where it states none
	EmbeddingModel *string
	CreatedBy      *string
	AccessPolicy   eventlog.Value
}

// SpaceRecalibrated says what changed at a space, in the order of the fields.
type SpaceRecalibrated struct {
	Space          string
	Changes        []DimensionChange
	DistanceMetric eventlog.Value
	RemoveWeights  bool
	Weights        []*float32 // for the dimensions in order; nil where the payload has none
	Affected       []string   // entities that are stale from now on; sorted, each once
}

// ConceptAdded describes a concept, and where it lies. What the payload does not state is nil, or "" for the space.
type ConceptAdded struct {
	Concept    string
	Space      string
	Name       *string
	Definition *string
	Properties map[string]eventlog.Value
	Metadata   map[string]eventlog.Value
	Position   Position
}

// ConceptMoved carries the new position of a concept in a space.
type ConceptMoved struct {
	Space    string
	Concept  string
	Position Position
}

// PropertiesAdded carries properties of a concept, to be merged key by key.
type PropertiesAdded struct {
	Concept    string
	Properties map[string]eventlog.Value
}

// PropertyInferred carries one inferred property of a concept.
type PropertyInferred struct {
	Concept   string
	Inference Inference
}

// RelationAdded carries a relation between two concepts. The row's UpdatedAt is not set yet.
type RelationAdded struct {
	Relation Relation
}

// Transient is an event that is known and changes nothing: progress, telemetry, a suggestion.
type Transient struct{}

// Owners returns the entity.
func (c *EmbeddingCalculated) Owners() []string { return []string{c.Embedding.EntityID} }

// Owners returns both entities, or the one that is both.
func (c *SimilarityComputed) Owners() []string { return owners(c.Similarity.A, c.Similarity.B) }

// Owners returns the category.
func (c *CategoryFormed) Owners() []string { return []string{c.Category} }

// Owners returns the space.
func (c *SpaceCreated) Owners() []string { return []string{c.Space} }

// Owners returns the space, and the entities that are stale from now on.
func (c *SpaceRecalibrated) Owners() []string { return owners(c.Space, c.Affected...) }

// Owners returns the concept, and its space where there is one.
func (c *ConceptAdded) Owners() []string { return owners(c.Concept, c.Space) }

// Owners returns the concept and the space.
func (c *ConceptMoved) Owners() []string { return owners(c.Concept, c.Space) }

// Owners returns the concept.
func (c *PropertiesAdded) Owners() []string { return []string{c.Concept} }

// Owners returns the concept.
func (c *PropertyInferred) Owners() []string { return []string{c.Concept} }

// Owners returns the concept that the relation begins at.
func (c *RelationAdded) Owners() []string { return []string{c.Relation.Source} }

// Owners returns nothing.
func (Transient) Owners() []string { return nil }

// owners puts the first before the others, which are sorted, each once and none empty.
func owners(first string, others ...string) []string {
	rest := slices.Sorted(slices.Values(others))
	rest = slices.DeleteFunc(slices.Compact(rest), func(id string) bool { return id == first || id == "" })
	return append([]string{first}, rest...)
}
