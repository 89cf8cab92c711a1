package conceptmodel

import (
	"context"

	"github.com/thecowboyai/cim-projector/aggregate/conceptual"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/projection/ask"
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

// space returns a space, or the error that names it.
func (m *model) space(v *projection.View, id string) (*conceptual.Space, error) {
	row, ok := m.spaces.Get(v, key(id))
	if !ok {
		return nil, ask.NotFound("space_id", id, "no space %q is known at this position", id)
	}
	return row, nil
}

func (m *model) getSpace(ctx context.Context, v *projection.View, r projection.Request) (projection.Answer, error) {
	p := readParams(r)
	id, withStale := p.ID("space_id"), p.Flag("include_stale", true)
	if err := p.Err(); err != nil {
		return projection.Answer{}, err
	}
	row, err := m.space(v, id)
	if err != nil {
		return projection.Answer{}, err
	}
	out := spaceView(row)
	if withStale {
		w := ask.NewWalk(ctx)
		marks := ask.NewList[string](w, maxBeside, "leave them out with include_stale")
		m.stale.Scan(v, key(id), "", func(_ projection.Key, s *conceptual.Stale) bool {
			return w.On() && marks.Take(s.EntityID, len(s.EntityID))
		})
		if err := w.Err(); err != nil {
			return projection.Answer{}, err
		}
		out.StaleEntities = marks.Items
	}
	return projection.Answer{Data: out}, nil
}

// getCategories answers by id.
func (m *model) getCategories(
	ctx context.Context, v *projection.View, r projection.Request,
) (projection.Answer, error) {
	p := readParams(r)
	id, withMembers := p.OptionalID("space_id"), p.Flag("include_members", true)
	p.noFilters("filters")
	if err := p.Err(); err != nil {
		return projection.Answer{}, err
	}
	if id != "" {
		if _, err := m.space(v, id); err != nil {
			return projection.Answer{}, err
		}
	}
	total := 0
	page := ask.NewList[Category](ask.NewWalk(ctx), r.Limit, "ask for smaller pages")
	m.categories.Scan(v, "", "", func(_ projection.Key, c *conceptual.Category) bool {
		if inSpace(c, id) {
			if total++; total > r.Offset && len(page.Items) < r.Limit {
				page.Take(categoryView(c, withMembers), categorySize(c, withMembers))
			}
		}
		return page.On()
	})
	return projection.Answer{Data: page.Items, Total: total, List: true}, page.Err()
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
