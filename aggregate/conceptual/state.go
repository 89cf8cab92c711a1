package conceptual

import "github.com/thecowboyai/cim-projector/eventlog"

// Space is the row of one conceptual space. Opaque parts (DistanceMetric, AccessPolicy) stay as received, compacted.
type Space struct {
	ID             string
	Known          bool // false: something mentioned the space, and it was never created
	Name           *string
	Description    *string
	Dimensions     []Dimension // in the order in which they were added; nil when there are none
	DistanceMetric eventlog.Value
	EmbeddingModel *string
	CreatedBy      *string
	AccessPolicy   eventlog.Value
	ConceptCount   uint64        // of its placements
	CreatedAt      eventlog.Time // the producer's clock, as all times in rows; 0 where it was never created
	UpdatedAt      eventlog.Time // of the last event, in the order of the log, that changed the space or a placement in it
}

// Dimension is one quality dimension of a space. Events address it by its name.
type Dimension struct {
	ID          *string // where a producer knows dimensions by an identifier beside the name
	Name        string
	Type        eventlog.Value // as received
	Kind        string         // its tag: "Circular"
	Range       *Range
	Weight      *float32
	Description *string
}

// Range is a half-open interval.
type Range struct{ Start, End float32 }

// Concept is the row of one concept, apart from where it lies. Properties, Inferred and Metadata are nil when they
// are empty.
type Concept struct {
	ID         string
	Known      bool // false: it has properties, and was never added
	Name       *string
	Definition *string
	Properties map[string]eventlog.Value
	Inferred   []Inference // by name
	Metadata   map[string]eventlog.Value
	CreatedAt  eventlog.Time // 0 where it was never added
	UpdatedAt  eventlog.Time
}

// Inference is a property that was inferred.
type Inference struct {
	Name       string
	Value      float64
	Confidence *float64
}

// Placement is the row of one concept in one space.
type Placement struct {
	SpaceID   string
	ConceptID string
	Point     *Point // nil where none was given, or only one that is not finite
	CreatedAt eventlog.Time
	UpdatedAt eventlog.Time
}

// Point is a position in a space. Without a DimensionMap, coordinates are in the order of the space's dimensions.
type Point struct {
	Coordinates  []float64      // never nil
	DimensionMap eventlog.Value // which coordinate belongs to which dimension, as received
}

// Embedding is the row of one entity's vector of one model, apart from the vector itself.
type Embedding struct {
	EntityID      string
	Model         string         // "" where the event named none
	EntityType    eventlog.Value // as received
	Dimensions    uint32         // of the vector
	Confidence    *float32
	ComputationMS *uint64
	Seq           eventlog.Seq // of the event that it is from
	UpdatedAt     eventlog.Time
}

// Similarity is the row of the similarity of two entities by one type of it. A is not behind B, by bytes.
type Similarity struct {
	A                 string
	B                 string
	Kind              string         // the tag of Type; "" where the event named none
	Type              eventlog.Value // as received
	Score             float32
	ThresholdExceeded *bool
	UpdatedAt         eventlog.Time
}

// Category is the row of one category.
type Category struct {
	ID             string
	SpaceID        *string
	Name           *string
	Description    *string
	Listed         bool     // an event has listed its members, of whom there can be none
	Members        []string // sorted, each once; nil when there are none
	StatedCount    *uint64  // what the last event said that said how many members there are
	Prototype      *string  // an entity
	PrototypePoint []float64
	ConvexRegion   eventlog.Value // as received
	Confidence     *float32
	CreatedAt      eventlog.Time
	UpdatedAt      eventlog.Time
}

// Relation is the row of a relation of one concept to another, by one type of it. Neither need exist.
type Relation struct {
	Source    string
	Target    string
	Kind      string         // the tag of Type; "" where the event named none
	Type      eventlog.Value // as received
	Strength  *float64
	UpdatedAt eventlog.Time
}

// Stale is the row of an entity that a space's recalibration affected, and that has had no embedding since.
type Stale struct {
	SpaceID  string
	EntityID string
	Since    eventlog.Time // the last recalibration that affected it
}

// State is what the rules read and write. A value that it returns must not be changed: a changed row is a new value,
// put. What is put is the state's: neither the rules nor the state change it, or anything that it points to,
// afterwards. A failing store keeps its error to itself, returns nothing from then on, and fails the whole commit.
//
// Package conceptualtest holds the suite that every implementation passes.
type State interface {
	Space(space string) (*Space, bool)
	PutSpace(*Space)

	Concept(concept string) (*Concept, bool)
	PutConcept(*Concept)

	Placement(space, concept string) (*Placement, bool)
	PutPlacement(*Placement)

	Embedding(entity, model string) (*Embedding, bool)
	PutEmbedding(*Embedding, Vector)

	Category(category string) (*Category, bool)
	// PutCategory keeps the index from entities to their categories, where there is one: members that are no longer
	// listed leave it.
	PutCategory(*Category)

	PutSimilarity(*Similarity)
	PutRelation(*Relation)

	// StaleIn returns the spaces that an entity is stale in, sorted. It sees what was put and deleted before the
	// call; what it returned does not change by what is put and deleted after it.
	StaleIn(entity string) []string
	PutStale(*Stale)
	DeleteStale(space, entity string)

	// Anomaly records that an event met a state which it did not expect. The subject is the id that the code's comment
	// names.
	Anomaly(code Anomaly, subject string)
}
