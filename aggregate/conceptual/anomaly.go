package conceptual

// Anomaly is a stable word for how an event and the state disagreed. Anomalies are stored, so a word keeps its meaning
// for ever. The event was applied as far as it means anything: facts are applied, not judged.
type Anomaly string

// Anomalies, and what the subject of each is.
const (
	// DuplicateSpace says that a space was created that had been created before. What the event states was taken
	// over, the rest kept. Subject: the space.
	DuplicateSpace Anomaly = "duplicate_space"

	// UnknownDimension says that the weight or range of a dimension changed that the space does not have. That change was
	// left out. Subject: the dimension's name.
	UnknownDimension Anomaly = "unknown_dimension"

	// UnknownDimensionChange says that a dimension change was of a kind that is none of the four. It was left out.
	// Subject: the space.
	UnknownDimensionChange Anomaly = "unknown_dimension_change"

	// WeightCountMismatch says that a list of weights has another length than the space's list of dimensions. As many as
	// there are of both were set, in order. Subject: the space.
	WeightCountMismatch Anomaly = "weight_count_mismatch"

	// NumberNotFinite says that a weight, a range or a coordinate was null, which is how serde writes NaN and
	// infinity. What was there before, or nothing, was kept. Subject: the dimension's name, or the concept, or the
	// category.
	NumberNotFinite Anomaly = "number_not_finite"

	// VectorLengthChanged says that an entity got an embedding of another length than the one that it had from the same
	// model. The new one counts. Subject: the entity.
	VectorLengthChanged Anomaly = "vector_length_changed"

	// UnknownConcept says that a concept got properties, or was moved, before or without having been added. It was made.
	// Subject: the concept.
	UnknownConcept Anomaly = "unknown_concept"

	// PointWithoutSpace says that a concept was added with a position, and without the space that the position is in. The
	// position was left out. Subject: the concept.
	PointWithoutSpace Anomaly = "point_without_space"

	// MemberCountMismatch says that a category's member_count is not the number of members that are known of it.
	// Neither was changed by the other. Subject: the category.
	MemberCountMismatch Anomaly = "member_count_mismatch"

	// MemberWithoutID says that a category lists a member that has no identifier, such as a bare point. It was left out.
	// Subject: the category.
	MemberWithoutID Anomaly = "member_without_id"
)
