package conceptmodel

import (
	"encoding/json"
	"time"

	"github.com/thecowboyai/cim-projector/aggregate/conceptual"
	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection/show"
)

// SimilarityMatch is an entity that was found by its similarity. EmbeddingModel and EntityType are null where
// points were compared, SimilarityScore where the question left scores out.
type SimilarityMatch struct {
	ConceptID       string          `json:"concept_id"` // the same as EntityID
	EntityID        string          `json:"entity_id"`
	EntityType      json.RawMessage `json:"entity_type"` // as received
	EmbeddingModel  *string         `json:"embedding_model"`
	SimilarityScore *float32        `json:"similarity_score"`
}

// Space is a conceptual space as it is answered. A space that was mentioned and never created has null for what
// its creation would state. StaleEntities is absent where the question left it out.
type Space struct {
	SpaceID        string          `json:"space_id"`
	Name           *string         `json:"name"`
	Description    *string         `json:"description"`
	Dimensions     []Dimension     `json:"dimensions"`
	DistanceMetric json.RawMessage `json:"distance_metric"` // as received
	EmbeddingModel *string         `json:"embedding_model"`
	CreatedBy      *string         `json:"created_by"`
	AccessPolicy   json.RawMessage `json:"access_policy"` // as received
	ConceptCount   uint64          `json:"concept_count"`
	StaleEntities  []string        `json:"stale_entities,omitzero"` // sorted
	CreatedAt      *time.Time      `json:"created_at"`
	UpdatedAt      *time.Time      `json:"updated_at"`
}

// Dimension is a quality dimension as it is answered.
type Dimension struct {
	Name          string          `json:"name"`
	DimensionID   *string         `json:"dimension_id"`
	DimensionType json.RawMessage `json:"dimension_type"` // as received
	Range         *Range          `json:"range"`
	Weight        *float32        `json:"weight"`
	Description   *string         `json:"description"`
}

// Range is an interval as it is answered.
type Range struct {
	Start float32 `json:"start"`
	End   float32 `json:"end"`
}

// Category is a category as it is answered. MemberEntities is null where members were never listed, and absent
// where the question left them out. MemberCount is what the last event stated, or else how many are listed.
type Category struct {
	CategoryID      string          `json:"category_id"`
	CategoryName    *string         `json:"category_name"`
	Description     *string         `json:"description"`
	SpaceID         *string         `json:"space_id"`
	MemberEntities  *[]string       `json:"member_entities,omitzero"` // sorted
	MemberCount     *uint64         `json:"member_count"`
	PrototypeEntity *string         `json:"prototype_entity"`
	PrototypePoint  []float64       `json:"prototype_point"`
	ConvexRegion    json.RawMessage `json:"convex_region"` // as received
	Confidence      *float32        `json:"confidence"`
	CreatedAt       *time.Time      `json:"created_at"`
	UpdatedAt       *time.Time      `json:"updated_at"`
}

// Entity is what is known of one entity. EntityType is that of its newest embedding.
type Entity struct {
	EntityID     string          `json:"entity_id"`
	EntityType   json.RawMessage `json:"entity_type"`  // as received
	Embeddings   []Embedding     `json:"embeddings"`   // by model
	Categories   []CategoryOf    `json:"categories"`   // by id
	Similarities []SimilarityOf  `json:"similarities"` // by the other entity, then type
	StaleIn      []string        `json:"stale_in"`     // spaces, sorted
}

// Embedding is an entity's vector of one model. Vector is absent where the question left it out.
type Embedding struct {
	EmbeddingModel    *string         `json:"embedding_model"`
	EntityType        json.RawMessage `json:"entity_type"`
	Dimensions        uint32          `json:"dimensions"`
	Vector            []float32       `json:"embedding_vector,omitzero"`
	ConfidenceScore   *float32        `json:"confidence_score"`
	ComputationTimeMS *uint64         `json:"computation_time_ms"`
	Sequence          uint64          `json:"sequence"` // of the event
	UpdatedAt         *time.Time      `json:"updated_at"`
}

// CategoryOf is a category that an entity is a member of.
type CategoryOf struct {
	CategoryID   string   `json:"category_id"`
	CategoryName *string  `json:"category_name"`
	Confidence   *float32 `json:"confidence"`
}

// SimilarityOf is a computed similarity to another entity.
type SimilarityOf struct {
	EntityID          string          `json:"entity_id"`       // the other one
	SimilarityType    json.RawMessage `json:"similarity_type"` // as received
	SimilarityScore   float32         `json:"similarity_score"`
	ThresholdExceeded *bool           `json:"threshold_exceeded"`
	UpdatedAt         *time.Time      `json:"updated_at"`
}

// Concept is what is known of one concept. Defined says that it was added, and not only mentioned.
type Concept struct {
	ConceptID   string                     `json:"concept_id"`
	Defined     bool                       `json:"defined"`
	Name        *string                    `json:"name"`
	Definition  *string                    `json:"definition"`
	Properties  map[string]json.RawMessage `json:"properties"`
	Inferred    map[string]Inference       `json:"inferred_properties"`
	Metadata    map[string]json.RawMessage `json:"metadata"`
	Spaces      []Placement                `json:"spaces"`       // by id
	Relations   []Relation                 `json:"relations"`    // that begin here, by target and type
	RelatedFrom []Relation                 `json:"related_from"` // that end here, by source and type
	CreatedAt   *time.Time                 `json:"created_at"`
	UpdatedAt   *time.Time                 `json:"updated_at"`
}

// Inference is the value of a property that was inferred.
type Inference struct {
	Value      float64  `json:"value"`
	Confidence *float64 `json:"confidence"`
}

// Placement is a concept's place in one space.
type Placement struct {
	SpaceID      string          `json:"space_id"`
	Coordinates  []float64       `json:"coordinates"`
	DimensionMap json.RawMessage `json:"dimension_map"` // as received
	CreatedAt    *time.Time      `json:"created_at"`
	UpdatedAt    *time.Time      `json:"updated_at"`
}

// Relation is a relation between two concepts. Dangling says that the one at the other end was never added.
type Relation struct {
	SourceConcept string          `json:"source_concept"`
	TargetConcept string          `json:"target_concept"`
	RelationType  json.RawMessage `json:"relation_type"` // as received
	Strength      *float64        `json:"strength"`
	Dangling      bool            `json:"dangling"`
	UpdatedAt     *time.Time      `json:"updated_at"`
}

func spaceView(s *conceptual.Space) Space {
	out := Space{
		SpaceID: s.ID, Name: s.Name, Description: s.Description, Dimensions: []Dimension{},
		DistanceMetric: raw(s.DistanceMetric), EmbeddingModel: s.EmbeddingModel, CreatedBy: s.CreatedBy,
		AccessPolicy: raw(s.AccessPolicy),
		ConceptCount: s.ConceptCount, CreatedAt: show.Moment(s.CreatedAt), UpdatedAt: show.Moment(s.UpdatedAt),
	}
	for _, d := range s.Dimensions {
		view := Dimension{
			Name: d.Name, DimensionID: d.ID, DimensionType: raw(d.Type), Weight: d.Weight, Description: d.Description,
		}
		if d.Range != nil {
			view.Range = &Range{d.Range.Start, d.Range.End}
		}
		out.Dimensions = append(out.Dimensions, view)
	}
	return out
}

func categoryView(c *conceptual.Category, withMembers bool) Category {
	out := Category{
		CategoryID: c.ID, CategoryName: c.Name, Description: c.Description, SpaceID: c.SpaceID, MemberCount: c.StatedCount,
		PrototypeEntity: c.Prototype, PrototypePoint: c.PrototypePoint, ConvexRegion: raw(c.ConvexRegion),
		Confidence: c.Confidence, CreatedAt: show.Moment(c.CreatedAt), UpdatedAt: show.Moment(c.UpdatedAt),
	}
	var members []string
	if c.Listed {
		members = append([]string{}, c.Members...)
		if out.MemberCount == nil {
			out.MemberCount = new(uint64(len(members)))
		}
	}
	if withMembers {
		out.MemberEntities = &members
	}
	return out
}

func embeddingView(e *conceptual.Embedding) Embedding {
	return Embedding{
		EmbeddingModel: show.Text(e.Model), EntityType: raw(e.EntityType), Dimensions: e.Dimensions, ConfidenceScore: e.Confidence,
		ComputationTimeMS: e.ComputationMS, Sequence: uint64(e.Seq), UpdatedAt: show.Moment(e.UpdatedAt),
	}
}

func similarityOf(s *conceptual.Similarity, other string) SimilarityOf {
	return SimilarityOf{
		EntityID: other, SimilarityType: raw(s.Type), SimilarityScore: s.Score, ThresholdExceeded: s.ThresholdExceeded,
		UpdatedAt: show.Moment(s.UpdatedAt),
	}
}

func conceptView(c *conceptual.Concept) Concept {
	out := Concept{
		ConceptID: c.ID, Defined: c.Known, Name: c.Name, Definition: c.Definition, Properties: show.Object(c.Properties),
		Inferred: map[string]Inference{}, Metadata: show.Object(c.Metadata),
		CreatedAt: show.Moment(c.CreatedAt), UpdatedAt: show.Moment(c.UpdatedAt),
	}
	for _, i := range c.Inferred {
		out.Inferred[i.Name] = Inference{i.Value, i.Confidence}
	}
	return out
}

func placementView(p *conceptual.Placement) Placement {
	out := Placement{SpaceID: p.SpaceID, CreatedAt: show.Moment(p.CreatedAt), UpdatedAt: show.Moment(p.UpdatedAt)}
	if p.Point != nil {
		out.Coordinates, out.DimensionMap = p.Point.Coordinates, raw(p.Point.DimensionMap)
	}
	return out
}

func relationView(r *conceptual.Relation, dangling bool) Relation {
	return Relation{
		SourceConcept: r.Source, TargetConcept: r.Target, RelationType: raw(r.Type), Strength: r.Strength, Dangling: dangling,
		UpdatedAt: show.Moment(r.UpdatedAt),
	}
}

func raw(v eventlog.Value) json.RawMessage { return json.RawMessage(v) }
