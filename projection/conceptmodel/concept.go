package conceptmodel

import (
	"context"

	"github.com/thecowboyai/cim-projector/aggregate/conceptual"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/projection/ask"
)

// getConcept answers for a concept that was added, and for one that is known by its properties, places or
// relations only.
func (m *model) getConcept(ctx context.Context, v *projection.View, r projection.Request) (projection.Answer, error) {
	p := readParams(r)
	id := p.ID("concept_id", "entity_id")
	if err := p.Err(); err != nil {
		return projection.Answer{}, err
	}
	l := &lookup{model: m, Walk: ask.NewWalk(ctx), view: v, id: id}
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
		err = ask.NotFound("concept_id", id, "no concept %q is known at this position", id)
	}
	return projection.Answer{Data: out}, err
}

func (l *lookup) readPlacements() ([]Placement, error) {
	all := ask.NewList[Placement](l.Walk, maxBeside, "ask conceptual.find_similar in one space")
	l.second(l.view, l.placed, l.id, func(space string) bool {
		row, ok := l.placements.Get(l.view, key(space, l.id))
		return l.On() && (!ok || all.Take(placementView(row), 0))
	})
	return all.Items, l.Err()
}

func (l *lookup) readRelations() ([]Relation, error) {
	all := ask.NewList[Relation](l.Walk, maxBeside, "ask for the concepts at the other ends")
	l.relations.Scan(l.view, key(l.id), "", func(_ projection.Key, r *conceptual.Relation) bool {
		return l.On() && all.Take(relationView(r, !l.added(r.Target)), len(r.Type))
	})
	return all.Items, l.Err()
}

// readRelated lists the relations that end here, by where they begin.
func (l *lookup) readRelated() ([]Relation, error) {
	all, prefix := ask.NewList[Relation](l.Walk, maxBeside, "ask for the concepts at the other ends"), key(l.id)
	l.related.Scan(l.view, prefix, "", func(at projection.Key, _ *present) bool {
		source, kind, err := at[len(prefix):].CutText()
		if err != nil {
			return l.On()
		}
		r, ok := l.relations.Get(l.view, key(source, l.id)+kind)
		return l.On() && (!ok || all.Take(relationView(r, !l.added(source)), len(r.Type)))
	})
	return all.Items, l.Err()
}

// added tells whether a concept was added: a relation with one that was not is dangling.
func (l *lookup) added(id string) bool {
	row, ok := l.concepts.Get(l.view, key(id))
	return ok && row.Known
}
