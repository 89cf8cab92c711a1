package conceptmodel

import (
	"slices"

	"github.com/thecowboyai/cim-projector/aggregate/conceptual"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/projection/finding"
)

// check is one run of Check: what it reads, and what it found.
type check struct {
	*model
	finding.List

	view *projection.View
}

// Check implements projection.Checker. It holds counts against the rows that they count, every index against the
// rows that it follows from in both directions, vectors against embeddings, every key against its row, and lists
// against their one form.
func (m *model) Check(v *projection.View) []string {
	c := &check{model: m, view: v}
	c.spaceRows()
	c.conceptRows()
	c.placementRows()
	c.embeddingRows()
	c.pairRows()
	c.categoryRows()
	c.staleRows()
	return c.Problems()
}

// rows looks at every row of a table, and at the key that its ids make.
func rows[V any](c *check, t projection.Table[V], what string, ids func(*V) []string, look func(*V)) {
	t.Scan(c.view, "", "", func(at projection.Key, row *V) bool {
		if want := ids(row); at != key(want...) {
			c.Found("%s %q stands under the key %q", what, want, at)
		}
		if look != nil {
			look(row)
		}
		return c.Wanted()
	})
}

// index looks for rows of an index that follow from nothing; that every row has its own is checked with the rows.
func (c *check) index(t projection.Table[present], what string, follows func(ids []string) bool) {
	t.Scan(c.view, "", "", func(at projection.Key, _ *present) bool {
		var ids []string
		for rest := at; rest != ""; {
			id, next, err := rest.CutText()
			if err != nil {
				return c.Found("a row of the index %s stands under the key %q", what, at)
			}
			ids, rest = append(ids, id), next
		}
		if !follows(ids) {
			return c.Found("the index %s has %q, which follows from no row", what, ids)
		}
		return true
	})
}

// indexed tells about a row that its index does not have.
func (c *check) indexed(t projection.Table[present], what string, ids ...string) {
	if !has(c.view, t, ids...) {
		c.Found("the index %s lacks %q", what, ids)
	}
}

func has[V any](v *projection.View, t projection.Table[V], ids ...string) bool {
	_, ok := t.Get(v, key(ids...))
	return ok
}

func (c *check) spaceRows() {
	rows(c, c.spaces, "space", func(s *conceptual.Space) []string { return []string{s.ID} }, func(s *conceptual.Space) {
		var n uint64
		c.placements.Scan(c.view, key(s.ID), "", func(projection.Key, *conceptual.Placement) bool {
			n++
			return true
		})
		if n != s.ConceptCount {
			c.Found("space %q counts %d concepts and has %d", s.ID, s.ConceptCount, n)
		}
		if s.Dimensions != nil && len(s.Dimensions) == 0 {
			c.Found("space %q has an empty list that is stored", s.ID)
		}
	})
}

func (c *check) conceptRows() {
	ids := func(row *conceptual.Concept) []string { return []string{row.ID} }
	rows(c, c.concepts, "concept", ids, func(row *conceptual.Concept) {
		if row.Properties != nil && len(row.Properties) == 0 || row.Metadata != nil && len(row.Metadata) == 0 ||
			row.Inferred != nil && len(row.Inferred) == 0 {
			c.Found("concept %q has an empty list or object that is stored", row.ID)
		}
		if !rising(row.Inferred, func(i conceptual.Inference) string { return i.Name }) {
			c.Found("concept %q has inferred properties that are not sorted, each once", row.ID)
		}
	})
}

// rising tells whether each name is above the one before it.
func rising[T any](list []T, name func(T) string) bool {
	for i := 1; i < len(list); i++ {
		if name(list[i-1]) >= name(list[i]) {
			return false
		}
	}
	return true
}

func (c *check) placementRows() {
	ids := func(p *conceptual.Placement) []string { return []string{p.SpaceID, p.ConceptID} }
	rows(c, c.placements, "placement", ids, func(p *conceptual.Placement) {
		c.indexed(c.placed, "placed", p.ConceptID, p.SpaceID)
		if !has(c.view, c.spaces, p.SpaceID) {
			c.Found("concept %q lies in space %q, which has no row", p.ConceptID, p.SpaceID)
		}
	})
	c.index(c.placed, "placed", func(ids []string) bool {
		return len(ids) == 2 && has(c.view, c.placements, ids[1], ids[0])
	})
}

func (c *check) embeddingRows() {
	ids := func(e *conceptual.Embedding) []string { return []string{e.EntityID, e.Model} }
	rows(c, c.embeddings, "embedding", ids, func(e *conceptual.Embedding) {
		row, ok := c.vectors.Get(c.view, key(e.Model, e.EntityID))
		switch {
		case !ok:
			c.Found("the embedding of %q by %q has no vector", e.EntityID, e.Model)
		case !row.Components.Valid():
			c.Found("the vector of %q by %q is not a list of finite numbers", e.EntityID, e.Model)
		case row.Components.Len() != int(e.Dimensions):
			c.Found("the vector of %q by %q has %d numbers, its embedding says %d",
				e.EntityID, e.Model, row.Components.Len(), e.Dimensions)
		}
	})
	c.vectors.Scan(c.view, "", "", func(at projection.Key, _ *vector) bool {
		model, rest, err := at.CutText()
		if err != nil {
			return c.Found("a vector stands under the key %q", at)
		}
		entity, rest, err := rest.CutText()
		if err != nil || rest != "" || !has(c.view, c.embeddings, entity, model) {
			return c.Found("the vector under the key %q belongs to no embedding", at)
		}
		return true
	})
}

// pairRows looks at similarities and relations.
func (c *check) pairRows() {
	ids := func(s *conceptual.Similarity) []string { return []string{s.A, s.B, s.Kind} }
	rows(c, c.similarities, "similarity", ids, func(s *conceptual.Similarity) {
		switch {
		case s.A > s.B:
			c.Found("the similarity of %q and %q stands the wrong way", s.A, s.B)
		case s.A < s.B:
			c.indexed(c.similar, "similar", s.B, s.A, s.Kind)
		}
	})
	c.index(c.similar, "similar", func(ids []string) bool {
		return len(ids) == 3 && ids[0] != ids[1] && has(c.view, c.similarities, ids[1], ids[0], ids[2])
	})
	relation := func(r *conceptual.Relation) []string { return []string{r.Source, r.Target, r.Kind} }
	rows(c, c.relations, "relation", relation, func(r *conceptual.Relation) {
		c.indexed(c.related, "related", r.Target, r.Source, r.Kind)
	})
	c.index(c.related, "related", func(ids []string) bool {
		return len(ids) == 3 && has(c.view, c.relations, ids[1], ids[0], ids[2])
	})
}

func (c *check) categoryRows() {
	ids := func(row *conceptual.Category) []string { return []string{row.ID} }
	rows(c, c.categories, "category", ids, func(row *conceptual.Category) {
		if !rising(row.Members, func(id string) string { return id }) || row.Members != nil && len(row.Members) == 0 {
			c.Found("category %q lists members that are not sorted, each once, or an empty list", row.ID)
		}
		for _, entity := range row.Members {
			c.indexed(c.member, "member", entity, row.ID)
		}
	})
	c.index(c.member, "member", func(ids []string) bool {
		if len(ids) != 2 {
			return false
		}
		row, ok := c.categories.Get(c.view, key(ids[1]))
		if !ok {
			return false
		}
		_, listed := slices.BinarySearch(row.Members, ids[0])
		return listed
	})
}

func (c *check) staleRows() {
	ids := func(s *conceptual.Stale) []string { return []string{s.SpaceID, s.EntityID} }
	rows(c, c.stale, "mark", ids, func(s *conceptual.Stale) {
		c.indexed(c.staleIn, "stale_in", s.EntityID, s.SpaceID)
		if !has(c.view, c.spaces, s.SpaceID) {
			c.Found("entity %q is stale in space %q, which has no row", s.EntityID, s.SpaceID)
		}
	})
	c.index(c.staleIn, "stale_in", func(ids []string) bool {
		return len(ids) == 2 && has(c.view, c.stale, ids[1], ids[0])
	})
}
