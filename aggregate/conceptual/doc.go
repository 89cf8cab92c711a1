// Package conceptual holds what each of CIM's conceptual events does to spaces, concepts, embeddings, similarities
// and categories.
//
// [Decode] reads an event's payload into a [Change], [Apply] changes a [State] by it. The state is rows ([Space],
// [Concept], [Placement], [Embedding] with its [Vector], [Similarity], [Category], [Relation], [Stale]) behind a
// small interface: whoever implements it decides where rows live. Both functions are pure. Decoding needs no state,
// so events can be decoded in parallel; applying needs nothing but the change and the rows that it asks for.
//
// # Events
//
// An event is read by its producer's name where that is known, and else by its canonical type. A type that is not
// known gives a nil change (see [Known]). What an event does not state stays as it was, unless the table says
// otherwise.
//
//	embedding_calculated   the entity's vector of one model, with all that belongs to it: the last event counts,
//	                       nothing of the former stays. The entity is no longer stale, in any space. Anomaly:
//	                       VectorLengthChanged
//	similarity_computed    the score of an unordered pair and a type; nothing of the former stays. Also:
//	                       similarity_updated, similarity_calculated
//	category_formed        the category's row. A list of members replaces the former; a count alone leaves it. Also:
//	                       region_formed, region_added, region_defined. Anomalies: MemberCountMismatch, MemberWithoutID,
//	                       NumberNotFinite
//	space_created          the space's attributes, and the dimensions that it states. Also: conceptual_space_created.
//	                       Anomalies: DuplicateSpace, and those of dimensions and weights
//	space_recalibrated     dimension changes in order; affected entities are stale from now on. Anomalies:
//	                       UnknownDimension, UnknownDimensionChange, NumberNotFinite
//	  dimension_added      one Add, whose members stand under dimension or beside it. Also: quality_dimension_added
//	  metric_updated       the metric becomes new_metric, weights in it those of the dimensions. Anomaly:
//	                       WeightCountMismatch
//	  dimension_weights_removed, weights_removed
//	                       no dimension has a weight any longer
//	  dimension_weights_added, weights_added
//	                       weights for the dimensions, in their order. Anomaly: WeightCountMismatch
//	concept_added          the concept's row and, where there is a space, its placement. Properties and metadata are
//	                       merged key by key. Also: concept_mapped, concept_defined. Anomalies: NumberNotFinite,
//	                       PointWithoutSpace
//	concept_moved          the placement. One that is not there is made. Anomalies: UnknownConcept, NumberNotFinite
//	properties_added       merges properties key by key; makes the concept. Anomaly: UnknownConcept
//	property_inferred      sets one inferred property; makes the concept. Anomaly: UnknownConcept
//	relation_added         the relation of one concept to another, by type; neither need exist
//	category_suggested, batch_progress, category_discovery_progress, performance.…
//	                       nothing: their payloads are not looked at
//
// Dimension changes have these outcomes: Add puts a dimension behind the others, or in the place of one of its name,
// whole; Remove drops it, and does nothing where it is not there; ModifyWeight and ModifyRange set, and are left out
// as UnknownDimension where it is not there; any other kind is left out as UnknownDimensionChange.
//
// Events about a space make it: the document has none that creates one. Such a space is not [Space.Known].
//
// # Owners
//
//	embedding_calculated                                    the entity
//	similarity_computed                                     both entities, the lesser one first
//	category_formed                                         the category
//	space_created, space_recalibrated and what is below it  the space; then the affected entities
//	concept_added, concept_moved                            the concept; then the space
//	properties_added, property_inferred                     the concept
//	relation_added                                          the source: rows of the target are not touched
//
// [Owner] is the first, [Owners] are all. Three kinds of rows have two owners: a similarity, a placement, a mark of
// staleness. They can be rebuilt for one owner only with the events of all owners that Owners names together with it.
//
// # Fields
//
// Identifiers are strings, or objects that hold one. Where a payload has several names for one field, the first that
// is not null counts:
//
//	space      space_id, id, the envelope's aggregate (for concept_moved not where that is the concept; for
//	           concept_added never)
//	entity     entity_id, concept_id
//	concept    concept_id, entity_id, id
//	pair       entity_a, concept_a, concept1; entity_b, concept_b, concept2
//	score      similarity_score, similarity, new_similarity
//	type       similarity_type, metric
//	category   category_id, region_id, id; category_name, name; all of these also under region
//	members    member_entities, member_concepts, member_points
//	prototype  prototype_entity, prototype: an entity, or a point, or a point that has an entity's identifier
//	region     convex_region, region
//	changes    dimension_changes, affected_dimensions (where names, and anything but a list, inform and change nothing)
//	metric     distance_metric, metric
//	position   new_position, position, point, coordinates
//	text       definition, description
//
// Required are: the entity and its vector; both entities of a pair and the score; the category; the space; the
// concept; the space and position of concept_moved; properties; property_name and inferred_value; both concepts of a
// relation. All else may be absent or null. What is there must have its type. One wrong part refuses the whole event.
//
// A list of numbers is an array, or nalgebra's triple [[x,…],n,null]; a point is such a list, or an object with it
// under coordinates and perhaps a dimension_map.
//
// Typed as float32: embedding_vector, confidence_score, similarity_score, confidence of a category, weights and
// ranges of dimensions. As float64, which their producers write: coordinates and prototypes, strength, inferred_value
// and its confidence. As uint64: computation_time_ms, member_count. Everything else stays as received, compacted:
// entity_type, similarity_type, relation_type, dimension_type, distance_metric, access_policy, convex_region,
// dimension_map, and the values of properties and metadata. Kind is the tag of an enum: the string itself, or the
// only member's name of an object.
//
// # Decisions
//
// Where CIM's sources are silent or contradict each other:
//
//   - Null in a vector, in a score, in properties of the form [[name,number],…] or in inferred_value was NaN or
//     infinite, and refuses the event. Null in a weight, a range or a coordinate keeps what was there, records
//     NumberNotFinite, and the rest is applied. It never becomes 0. A new dimension with a null weight has none.
//   - An embedding without a model belongs to the model "": all of these are taken for one model.
//   - A similarity without a type is a similarity of its own beside those with one; so is a relation.
//   - An embedding by any model ends staleness: no event says which model a space was calibrated for.
//   - dimension_ids make dimensions that are named as their identifiers, until dimension_added says more of them.
//     Weights are {"Constant":w}, {"Contextual":{"base_weight":w}}, {"Attentional":{"current_weight":w}} or numbers;
//     any other is unknown.
//   - A member that is a point without an identifier is no entity: it is left out, with MemberWithoutID.
//   - A prototype is kept as given, and never computed. new_mapping, reasons, old_metric and what removed_weights
//     lists inform, and are not stored. A suggestion is not a category, and nothing is kept of it.
//   - Envelope and payload are not compared: producers put the entity, the space or a whole graph into aggregate_id.
//   - Order is the log's.
//
// # Guarantees
//
// Every change has a result in every state: nothing is refused while applying. The same event applied twice leaves
// the same rows as once, but for the order of dimensions where it removes one and adds it again, or names it by its
// identifier. Counts are the number of rows. A change holds nothing of the event's body. Rows are never changed once
// they are put.
//
// # Caveats
//
// The document's events have no space for embeddings, similarities and most categories: they belong to every space.
// Lists grow with what producers write: a category holds all its members in one row.
package conceptual
