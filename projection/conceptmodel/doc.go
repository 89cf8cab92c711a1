// Package conceptmodel is the read model of CIM's conceptual spaces: a projection named "conceptual", and the queries
// that it answers.
//
// [New] returns the projection. It folds the events of the conceptual domain, in all four spellings of its subjects,
// by the rules of package aggregate/conceptual, which it lends its tables to as a state. Payloads are read in
// parallel; applying an event is looking up and putting rows.
//
// # Tables
//
//	space       (space)                   conceptual.Space: attributes, dimensions, number of concepts
//	concept     (concept)                 conceptual.Concept
//	placement   (space, concept)          conceptual.Placement
//	embedding   (entity, model)           conceptual.Embedding
//	vector      (model, entity)           the embedding's numbers
//	similarity  (entity, entity, type)    conceptual.Similarity; the lesser entity first
//	category    (category)                conceptual.Category, with its members
//	relation    (source, target, type)    conceptual.Relation
//	stale       (space, entity)           conceptual.Stale
//	similar     (entity, entity, type)    the greater entity of a similarity first; derived, as all below
//	member      (entity, category)
//	placed      (concept, space)
//	related     (target, source, type)
//	stale_in    (entity, space)
//
// All vectors of a model stand one behind the other: comparing them is one walk. A vector is a field of bytes, four a
// number: 384 numbers take 1,540 bytes and about 1 µs to read, as a list of numbers 1,924 bytes and 20 µs.
//
// # Queries
//
// Parameters are members of one JSON object; unknown ones are ignored, null is absent. Identifiers are strings or
// objects that hold one under id or value.
//
//	conceptual.find_similar    []SimilarityMatch by falling score, then id. entity_id or target_concept, see below
//	conceptual.get_space       Space. space_id, include_stale (true)
//	conceptual.get_entity      Entity. entity_id, include_vectors (true)
//	conceptual.get_concept     Concept. concept_id
//	conceptual.get_categories  []Category by id, paged. space_id (all), include_members (true)
//
// A category that no event has put into a space belongs to every space: the document's category_formed names none.
// filters of get_categories, which the document leaves open, are refused unless they are empty.
//
// # Similarity
//
// A question is of the shape with target_concept where it has that member, and else of the one with entity_id. Their
// other members are taken under either name:
//
//	similarity_type, similarity_metric  Cosine (the default), Euclidean, Manhattan, WeightedEuclidean; as a name in any
//	                                    case, or with a content that does not count
//	similarity_threshold, threshold     the least score, which belongs to it; all without one
//	max_results                         how many at most, 1 to 10,000: the answer is then whole, and not paged. Without
//	                                    it, a page
//	space_id                            only concepts of this space, where any concept was ever put into it; and its
//	                                    dimensions
//	embedding_model                     whose vectors are compared; see below
//	include_scores                      false leaves similarity_score null
//	filter_criteria                     one or a list, all of which must hold: {"ByCategory":C}, a member of the category
//	                                    with the id C or else of any with the name C,
//	                                    {"ByProperty":{"key":K,"min_value":N,"max_value":N}} on a stated or else an
//	                                    inferred number
//
// The score is the cosine itself, or 1/(1+d) for a distance d, rounded to float32; the order goes by the rounded
// score. A vector without a direction has the cosine 0 with every other. The target itself is left out.
//
// Compared are the embeddings of one model, never of two: the one that is named, or that the space states, or that
// embedded the target last. Where the target has no embedding, and for WeightedEuclidean wherever it can be, the
// points of the space are compared instead. Vectors of another length than the target's are not compared. Search is
// exact: every vector is looked at.
//
// WeightedEuclidean is √Σ w·d², the weight outside of the square; a dimension without a weight has 1. It needs a
// space with as many dimensions as numbers. Between points, and for WeightedEuclidean between embeddings, the i-th
// number belongs to the i-th dimension, or to the one that a point's dimension_map says; a circular dimension is
// measured the shorter way round, min(d, range-d) with d taken modulo the range.
//
// # Typed fields
//
// Vectors, scores, confidences of embeddings and categories, weights and ranges are float32, and printed as the
// shortest decimal that is that float32. Coordinates, prototype_point, strength and inferred values are float64. All
// else is given back as received, compacted. Times are the producer's clock, RFC 3339 in UTC. What was never set is
// null; lists and objects are then empty, but for member_entities of a category whose members were never listed. What
// a question leaves out is absent.
//
// # Owners
//
// An event belongs to the first of conceptual.Owners: the entity, the lesser of a pair, the category, the space, the
// concept. Similarities, placements and marks of staleness have two owners; see package conceptual.
//
// # Guarantees
//
// The same state gives the same answer, byte for byte, on every platform. A question looks at its context every 256
// rows that it reads. It holds what it answers, at most 64 MiB and 10,000 items of a kind, and for find_similar the
// ids up to the page's end, which may be the 50,000th. A question that needs more is refused as too_large or
// bad_request: nothing is left out in silence.
//
// Check proves counts, keys, vectors, and every index in both directions, from the rows alone.
//
// # Caveats
//
// find_similar reads every vector of the model: some 3 µs each for 384 numbers, most of it reading and checking the
// row. Where a sum is beyond float64, as with coordinates over 1e150, the score is 0. encoding/json writes <, > and &
// in what is given back as received as escapes, unless its encoder is told not to.
package conceptmodel
