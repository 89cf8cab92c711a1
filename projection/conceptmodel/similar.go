package conceptmodel

import (
	"context"

	"github.com/thecowboyai/cim-projector/aggregate/conceptual"
	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/projection/ask"
	"github.com/thecowboyai/cim-projector/projection/show"
)

// maxRanked is how far into the order of similarity a page may reach: that many are held while all vectors go by.
const maxRanked = 50_000

// likeness is a find_similar question.
type likeness struct {
	target     string
	space      string  // "" where none is named
	model      *string // nil where none is named
	metric     metric
	threshold  *float32
	maxResults uint64 // 0 where it is absent: the answer is paged
	withScores bool
	criteria   []criterion
}

// readLikeness reads either shape of the question: the one with target_concept, and the one with entity_id.
func readLikeness(r projection.Request) (likeness, error) {
	p := readParams(r)
	q := likeness{
		space:      p.OptionalID("space_id"),
		metric:     p.metric("similarity_type", "similarity_metric"),
		threshold:  p.Float("similarity_threshold", "threshold"),
		maxResults: p.Number("max_results", 0),
		withScores: p.Flag("include_scores", true),
		criteria:   p.criteria("filter_criteria"),
	}
	if p.Value("target_concept").IsNull() {
		q.target = p.ID("entity_id")
	} else {
		q.target = p.ID("target_concept")
	}
	if v := p.Value("embedding_model"); !v.IsNull() {
		name, err := v.Text()
		p.Refuse("embedding_model", err)
		q.model = &name
	}
	if v := p.Value("max_results"); !v.IsNull() && (q.maxResults < 1 || q.maxResults > projection.MaxLimit) {
		p.Refuse("max_results", eventlog.Refuse(eventlog.CodeOutOfRange, ""))
	}
	if err := p.Err(); err != nil {
		return likeness{}, err
	}
	if r.Offset > maxRanked || r.Offset+q.limit(r) > maxRanked {
		return likeness{}, projection.Fail(projection.BadRequest,
			"a list by similarity is served up to item %d; raise the threshold", maxRanked)
	}
	return q, nil
}

// limit is how many items the answer has at most.
func (q *likeness) limit(r projection.Request) int {
	if q.maxResults > 0 {
		return int(q.maxResults) //nolint:gosec // at most MaxLimit
	}
	return r.Limit
}

func (m *model) findSimilar(ctx context.Context, v *projection.View, r projection.Request) (projection.Answer, error) {
	q, err := readLikeness(r)
	if err != nil {
		return projection.Answer{}, err
	}
	s, err := m.search(ctx, v, &q)
	if err != nil {
		return projection.Answer{}, err
	}
	s.best.most = r.Offset + q.limit(r)
	if s.points {
		s.scanPoints()
	} else {
		s.scanVectors()
	}
	if s.Err() != nil {
		return projection.Answer{}, s.Err()
	}
	found := s.best.sorted()
	out := []SimilarityMatch{}
	for _, one := range found[min(r.Offset, len(found)):] {
		out = append(out, s.match(one, q.withScores))
	}
	return projection.Answer{Data: out, Total: s.total, List: q.maxResults == 0}, nil
}

// search is a find_similar question on its way over all vectors of a model, or all points of a space.
type search struct {
	*ask.Walk
	*model
	view    *projection.View
	q       *likeness
	points  bool              // points of the space are compared, not embeddings
	space   *conceptual.Space // nil where none is named
	by      string            // the model
	measure *measure
	sieve   *sieve
	best    nearest
	total   int
}

// search looks up what the question names, and says what is compared with what.
func (m *model) search(ctx context.Context, v *projection.View, q *likeness) (*search, error) {
	s := &search{Walk: ask.NewWalk(ctx), model: m, view: v, q: q}
	var err error
	if s.sieve, err = m.sieve(s.Walk, v, q); err != nil {
		return nil, err
	}
	if q.space != "" {
		if s.space, err = m.space(v, q.space); err != nil {
			return nil, err
		}
		if s.space.ConceptCount > 0 {
			s.sieve.space = q.space
		}
	}
	target, err := s.target()
	if err != nil {
		return nil, err
	}
	axes, err := s.axes(len(target))
	if err != nil {
		return nil, err
	}
	s.measure = newMeasure(q.metric, target, axes)
	return s, nil
}

// target returns the numbers that all others are compared with: the embedding of the model that the question
// names, or that the space states, or that embedded the target last; or else its point in the space. The weighted
// metric, which is about the space's dimensions, takes the point first.
func (s *search) target() ([]float64, error) {
	point := s.point()
	if point != nil && s.q.model == nil && s.q.metric == weightedEuclidean {
		s.points = true
		return point, nil
	}
	if s.chooseModel() {
		row, ok := s.vectors.Get(s.view, key(s.by, s.q.target))
		if ok {
			return widen(row.Components, nil), nil
		}
	}
	if point != nil && s.q.model == nil {
		s.points = true
		return point, nil
	}
	if s.q.model != nil {
		return nil, ask.NotFound("entity_id", s.q.target,
			"entity %q has no embedding by %q at this position", s.q.target, *s.q.model)
	}
	return nil, ask.NotFound("entity_id", s.q.target, "entity %q has no embedding at this position", s.q.target)
}

// point returns the target's point in the space, or nil.
func (s *search) point() []float64 {
	if s.space == nil {
		return nil
	}
	row, ok := s.placements.Get(s.view, key(s.space.ID, s.q.target))
	if !ok || row.Point == nil {
		return nil
	}
	return inOrder(row.Point, s.space.Dimensions)
}

// chooseModel finds the model whose embeddings are compared, and tells whether there is one.
func (s *search) chooseModel() bool {
	if s.q.model != nil {
		s.by = *s.q.model
		return true
	}
	var newest *conceptual.Embedding
	s.embeddings.Scan(s.view, key(s.q.target), "", func(_ projection.Key, e *conceptual.Embedding) bool {
		stated := s.space != nil && s.space.EmbeddingModel != nil && *s.space.EmbeddingModel == e.Model
		if newest == nil || stated || e.Seq > newest.Seq {
			newest = e
		}
		return s.On() && !stated
	})
	if newest == nil {
		return false
	}
	s.by = newest.Model
	return true
}

// axes returns what a distance has to know of the space's dimensions: for points always, for embeddings where the
// metric has weights. Without as many dimensions as numbers there are none, and no weights.
func (s *search) axes(n int) ([]axis, error) {
	weighted := s.q.metric == weightedEuclidean
	switch {
	case weighted && s.space == nil:
		return nil, projection.Fail(projection.BadRequest,
			"WeightedEuclidean needs space_id, whose dimensions have the weights")
	case weighted && len(s.space.Dimensions) != n:
		return nil, projection.Fail(projection.BadRequest,
			"WeightedEuclidean needs a dimension for each number; space %q has %d dimensions, the target %d numbers",
			s.space.ID, len(s.space.Dimensions), n)
	case weighted || s.points && len(s.space.Dimensions) == n:
		return axesOf(s.space.Dimensions), nil
	}
	return nil, nil
}

// scanVectors compares all vectors of the model that are as long as the target's.
func (s *search) scanVectors() {
	prefix, target := key(s.by), key(s.by, s.q.target)
	buffer := make([]float64, len(s.measure.target))
	s.vectors.Scan(s.view, prefix, "", func(at projection.Key, row *vector) bool {
		if row.Components.Len() == len(buffer) && at != target {
			s.consider(s.measure.score(widen(row.Components, buffer)), func() string {
				id, _, _ := at[len(prefix):].CutText() // Check finds a key without it
				return id
			})
		}
		return s.On()
	})
}

// scanPoints compares all points of the space that have as many coordinates as the target's.
func (s *search) scanPoints() {
	s.placements.Scan(s.view, key(s.space.ID), "", func(_ projection.Key, row *conceptual.Placement) bool {
		if row.Point != nil && len(row.Point.Coordinates) == len(s.measure.target) && row.ConceptID != s.q.target {
			s.consider(s.measure.score(inOrder(row.Point, s.space.Dimensions)), func() string { return row.ConceptID })
		}
		return s.On()
	})
}

// consider counts and ranks one entity, whose id is only made where it is needed.
func (s *search) consider(score float32, id func() string) {
	if s.q.threshold != nil && score < *s.q.threshold {
		return
	}
	wanted := s.best.wants(score)
	if !s.sieve.open() && !s.sieve.passes(id()) {
		return
	}
	s.total++
	if wanted {
		s.best.take(ranked{score, id()})
	}
}

// match makes the answer for one entity.
func (s *search) match(r ranked, withScore bool) SimilarityMatch {
	out := SimilarityMatch{ConceptID: r.id, EntityID: r.id}
	if withScore {
		out.SimilarityScore = &r.score
	}
	if s.points {
		return out
	}
	out.EmbeddingModel = show.Text(s.by)
	if e, ok := s.embeddings.Get(s.view, key(r.id, s.by)); ok {
		out.EntityType = raw(e.EntityType)
	}
	return out
}
