package conceptual

import (
	"math"
	"slices"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// The names of one field in different producers. The first that is not null counts.
var (
	conceptOrEntityNames = []string{"entity_id", "concept_id"}
	conceptNames         = []string{"concept_id", "entity_id", "id"}
	entityANames         = []string{"entity_a", "concept_a", "concept1"}
	entityBNames         = []string{"entity_b", "concept_b", "concept2"}
	categoryNames        = []string{"category_id", "region_id", "id"}
	spaceNames           = []string{"space_id", "id"}
)

func (r *reader) embeddingCalculated() Change {
	c := &EmbeddingCalculated{
		Embedding: Embedding{
			EntityID:      r.id(conceptOrEntityNames...),
			Model:         r.name("embedding_model"),
			EntityType:    r.opaque("entity_type"),
			Confidence:    r.float32("confidence_score"),
			ComputationMS: r.uint64("computation_time_ms"),
		},
		Vector: r.vector("embedding_vector"),
	}
	n := c.Vector.Len()
	if uint64(n) > math.MaxUint32 {
		r.fail("embedding_vector", eventlog.Refuse(eventlog.CodeOutOfRange, ""))
	}
	c.Embedding.Dimensions = uint32(n) //nolint:gosec // checked
	return c
}

func (r *reader) similarityComputed() Change {
	s := Similarity{A: r.id(entityANames...), B: r.id(entityBNames...)}
	if s.A > s.B {
		s.A, s.B = s.B, s.A
	}
	s.Type, s.Kind = r.tagged("similarity_type", "metric")
	if score := r.float32("similarity_score", "similarity", "new_similarity"); score != nil {
		s.Score = *score
	} else {
		r.missing(r.get("similarity_score"))
	}
	s.ThresholdExceeded = r.bool("threshold_exceeded")
	return &SimilarityComputed{s}
}

func (r *reader) categoryFormed() Change {
	c := &CategoryFormed{
		Category:     r.id(categoryNames...),
		Space:        r.pointerID("space_id"),
		Name:         r.text("category_name", "name"),
		Description:  r.text("description"),
		Count:        r.uint64("member_count"),
		ConvexRegion: r.opaque("convex_region", "region"),
		Confidence:   r.float32("confidence"),
	}
	r.categoryMembers(c)
	r.prototype(c)
	return c
}

// categoryMembers reads a list of identifiers. A member that is an object without one, such as a point, is counted
// and left out.
func (r *reader) categoryMembers(c *CategoryFormed) {
	f := r.get("member_entities", "member_concepts", "member_points")
	c.Listed = r.list(f, func(_ int, v eventlog.Value) *eventlog.FieldError {
		id, err := v.ID()
		switch {
		case err == nil:
			c.Members = append(c.Members, id)
		case v.IsObject() || v.IsArray():
			c.Unnamed++
		default:
			return err
		}
		return nil
	})
	slices.Sort(c.Members)
	c.Members = slices.Clip(slices.Compact(c.Members))
}

// prototype reads an entity, or a point, which may have the identifier of an entity.
func (r *reader) prototype(c *CategoryFormed) {
	f := r.get("prototype_entity", "prototype")
	switch {
	case f.value.IsNull():
		return
	case f.value.IsString():
		id, err := f.value.ID()
		r.fail(f.path, err)
		c.Prototype = &id
		return
	}
	if id, err := f.value.ID(); err == nil {
		c.Prototype = &id
	}
	if c.Prototype != nil && memberOf(f.value, "coordinates").IsNull() {
		return
	}
	p, err := readPosition(f.value)
	r.fail(f.path, err)
	c.PrototypePoint = p
}
