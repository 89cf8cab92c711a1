package conceptmodel

import (
	"context"
	"fmt"

	"github.com/thecowboyai/cim-projector/aggregate/conceptual"
	"github.com/thecowboyai/cim-projector/projection"
)

// Queries implements projection.Querier.
func (m *model) Queries() []projection.Query {
	return []projection.Query{
		{Subject: "conceptual.find_similar", Answer: m.findSimilar},
		{Subject: "conceptual.get_categories", Answer: m.getCategories},
		{Subject: "conceptual.get_concept", Answer: m.getConcept},
		{Subject: "conceptual.get_entity", Answer: m.getEntity},
		{Subject: "conceptual.get_space", Answer: m.getSpace},
	}
}

// patience is after how many rows a walk looks at its context.
const patience = 256

// walk counts the rows that a question has read, and says when it has to end.
type walk struct {
	ctx  context.Context
	rows int
	err  error
}

// on tells whether the walk may go on.
func (w *walk) on() bool {
	if w.rows%patience == 0 && w.err == nil && w.ctx.Err() != nil {
		w.err = fmt.Errorf("conceptmodel: the question was ended after %d rows: %w", w.rows, context.Cause(w.ctx))
	}
	w.rows++
	return w.err == nil
}

func notFound(field, id, format string, args ...any) error {
	err := projection.Fail(projection.NotFound, format, args...)
	err.Details = map[string]any{field: id}
	return err
}

// space returns a space, or the error that names it.
func (m *model) space(v *projection.View, id string) (*conceptual.Space, error) {
	row, ok := m.spaces.Get(v, key(id))
	if !ok {
		return nil, notFound("space_id", id, "no space %q is known at this position", id)
	}
	return row, nil
}

func (m *model) getSpace(ctx context.Context, v *projection.View, r projection.Request) (projection.Answer, error) {
	p := readParams(r)
	id, withStale := p.id("space_id"), p.flag("include_stale", true)
	if err := p.failure(); err != nil {
		return projection.Answer{}, err
	}
	row, err := m.space(v, id)
	if err != nil {
		return projection.Answer{}, err
	}
	out := spaceView(row)
	if withStale {
		w, marks := &walk{ctx: ctx}, gather[string](maxBeside, "leave them out with include_stale")
		m.stale.Scan(v, key(id), "", func(_ projection.Key, s *conceptual.Stale) bool {
			return w.on() && marks.take(s.EntityID, len(s.EntityID))
		})
		if err := marks.failure(w); err != nil {
			return projection.Answer{}, err
		}
		out.StaleEntities = marks.items
	}
	return projection.Answer{Data: out}, nil
}

// getCategories answers by id. A category that no event has put into a space belongs to every space: the
// document's events never say.
func (m *model) getCategories(
	ctx context.Context, v *projection.View, r projection.Request,
) (projection.Answer, error) {
	p := readParams(r)
	id, withMembers := p.optionalID("space_id"), p.flag("include_members", true)
	p.noFilters("filters")
	if err := p.failure(); err != nil {
		return projection.Answer{}, err
	}
	if id != "" {
		if _, err := m.space(v, id); err != nil {
			return projection.Answer{}, err
		}
	}
	w, page, total := &walk{ctx: ctx}, gather[Category](r.Limit, "ask for smaller pages"), 0
	m.categories.Scan(v, "", "", func(_ projection.Key, c *conceptual.Category) bool {
		if id == "" || c.SpaceID == nil || *c.SpaceID == id {
			if total++; total > r.Offset && len(page.items) < r.Limit {
				page.take(categoryView(c, withMembers), categorySize(c, withMembers))
			}
		}
		return w.on() && page.err == nil
	})
	return projection.Answer{Data: page.items, Total: total, List: true}, page.failure(w)
}

func categorySize(c *conceptual.Category, withMembers bool) int {
	n := len(c.ConvexRegion) + 8*len(c.PrototypePoint)
	if withMembers {
		for _, id := range c.Members {
			n += len(id)
		}
	}
	return n
}
