package conceptmodel

import (
	"context"

	"github.com/thecowboyai/cim-projector/aggregate/conceptual"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/projection/ask"
)

// lookup is one question about an entity or a concept, on its way.
type lookup struct {
	*model
	*ask.Walk
	view *projection.View
	id   string
}

func (m *model) getEntity(ctx context.Context, v *projection.View, r projection.Request) (projection.Answer, error) {
	p := readParams(r)
	id, withVectors := p.ID("entity_id", "concept_id"), p.Flag("include_vectors", true)
	if err := p.Err(); err != nil {
		return projection.Answer{}, err
	}
	l := &lookup{model: m, Walk: ask.NewWalk(ctx), view: v, id: id}
	out := Entity{EntityID: id}
	err := l.readEmbeddings(&out, withVectors)
	if err == nil {
		out.Categories, err = l.readCategories()
	}
	if err == nil {
		out.Similarities, err = l.readSimilarities()
	}
	if err == nil {
		out.StaleIn, err = l.ids(m.staleIn)
	}
	if err == nil && len(out.Embeddings)+len(out.Categories)+len(out.Similarities)+len(out.StaleIn) == 0 {
		err = ask.NotFound("entity_id", id, "no entity %q is known at this position", id)
	}
	return projection.Answer{Data: out}, err
}

// readEmbeddings fills in the embeddings, and the type that the newest of them states.
func (l *lookup) readEmbeddings(out *Entity, withVectors bool) error {
	all, newest := ask.NewList[Embedding](l.Walk, maxBeside, "leave vectors out with include_vectors"), conceptual.Embedding{}
	l.embeddings.Scan(l.view, key(l.id), "", func(_ projection.Key, e *conceptual.Embedding) bool {
		item, size := embeddingView(e), 0
		if row, ok := l.vectors.Get(l.view, key(e.Model, l.id)); ok && withVectors {
			item.Vector, size = row.Components.Floats(), len(row.Components)
		}
		if e.Seq >= newest.Seq {
			newest = *e
		}
		return l.On() && all.Take(item, size)
	})
	out.EntityType, out.Embeddings = raw(newest.EntityType), all.Items
	return l.Err()
}

func (l *lookup) readCategories() ([]CategoryOf, error) {
	all := ask.NewList[CategoryOf](l.Walk, maxBeside, "read them with conceptual.get_categories")
	l.second(l.view, l.member, l.id, func(id string) bool {
		c, ok := l.categories.Get(l.view, key(id))
		if !ok {
			return l.On() // the view keeps the error, or Check finds it
		}
		return l.On() && all.Take(CategoryOf{c.ID, c.Name, c.Confidence}, 0)
	})
	return all.Items, l.Err()
}

// readSimilarities lists those that the entity stands first in, then those that it stands second in: by the other
// entity, since the lesser of a pair stands first.
func (l *lookup) readSimilarities() ([]SimilarityOf, error) {
	const advice = "ask conceptual.find_similar for the nearest"
	second, first := ask.NewList[SimilarityOf](l.Walk, maxBeside, advice), ask.NewList[SimilarityOf](l.Walk, maxBeside, advice)
	prefix := key(l.id)
	l.similar.Scan(l.view, prefix, "", func(at projection.Key, _ *present) bool {
		other, kind, err := at[len(prefix):].CutText()
		if err != nil {
			return l.On()
		}
		s, ok := l.similarities.Get(l.view, key(other, l.id)+kind)
		return l.On() && (!ok || second.Take(similarityOf(s, other), len(s.Type)))
	})
	l.similarities.Scan(l.view, prefix, "", func(_ projection.Key, s *conceptual.Similarity) bool {
		return l.On() && first.Take(similarityOf(s, s.B), len(s.Type))
	})
	if err := l.Err(); err != nil {
		return nil, err
	}
	return append(second.Items, first.Items...), l.Err()
}

// ids returns the second parts of an index under the id.
func (l *lookup) ids(index projection.Table[present]) ([]string, error) {
	all := ask.NewList[string](l.Walk, maxBeside, "ask conceptual.get_space for those of one space")
	l.second(l.view, index, l.id, func(id string) bool { return l.On() && all.Take(id, len(id)) })
	return all.Items, l.Err()
}
