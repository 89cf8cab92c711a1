package conceptmodel

import (
	"context"

	"github.com/thecowboyai/cim-projector/aggregate/conceptual"
	"github.com/thecowboyai/cim-projector/projection"
)

// getConcept answers for a concept that was added, and for one that is known by its properties, places or
// relations only.
func (m *model) getConcept(ctx context.Context, v *projection.View, r projection.Request) (projection.Answer, error) {
	p := readParams(r)
	id := p.id("concept_id", "entity_id")
	if err := p.failure(); err != nil {
		return projection.Answer{}, err
	}
	l := &lookup{model: m, walk: &walk{ctx: ctx}, view: v, id: id}
	row, known := m.concepts.Get(v, key(id))
	if !known {
		row = &conceptual.Concept{ID: id}
	}
	out := conceptView(row)
	var err error
	out.Spaces, err = l.readPlacements()
	if err == nil {
		out.Relations, err = l.readRelations()
	}
	if err == nil {
		out.RelatedFrom, err = l.readRelated()
	}
	if err == nil && !known && len(out.Spaces)+len(out.Relations)+len(out.RelatedFrom) == 0 {
		err = notFound("concept_id", id, "no concept %q is known at this position", id)
	}
	return projection.Answer{Data: out}, err
}

func (l *lookup) readPlacements() ([]Placement, error) {
	all := gather[Placement](maxBeside, "ask conceptual.find_similar in one space")
	l.second(l.view, l.placed, l.id, func(space string) bool {
		row, ok := l.placements.Get(l.view, key(space, l.id))
		return l.on() && (!ok || all.take(placementView(row), 0))
	})
	return all.items, all.failure(l.walk)
}

func (l *lookup) readRelations() ([]Relation, error) {
	all := gather[Relation](maxBeside, "ask for the concepts at the other ends")
	l.relations.Scan(l.view, key(l.id), "", func(_ projection.Key, r *conceptual.Relation) bool {
		return l.on() && all.take(relationView(r, !l.added(r.Target)), len(r.Type))
	})
	return all.items, all.failure(l.walk)
}

// readRelated lists the relations that end here, by where they begin.
func (l *lookup) readRelated() ([]Relation, error) {
	all, prefix := gather[Relation](maxBeside, "ask for the concepts at the other ends"), key(l.id)
	l.related.Scan(l.view, prefix, "", func(at projection.Key, _ *present) bool {
		source, kind, err := at[len(prefix):].CutText()
		if err != nil {
			return l.on()
		}
		r, ok := l.relations.Get(l.view, key(source, l.id)+kind)
		return l.on() && (!ok || all.take(relationView(r, !l.added(source)), len(r.Type)))
	})
	return all.items, all.failure(l.walk)
}

// added tells whether a concept was added: a relation with one that was not is dangling.
func (l *lookup) added(id string) bool {
	row, ok := l.concepts.Get(l.view, key(id))
	return ok && row.Known
}
