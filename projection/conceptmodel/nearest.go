package conceptmodel

import (
	"cmp"
	"slices"
)

// ranked is an entity and its place in the order.
type ranked struct {
	score float32
	id    string
}

// before orders by falling score, then by rising id.
func (a ranked) before(b ranked) bool { return a.score > b.score || a.score == b.score && a.id < b.id }

// nearest keeps the first few of many: a heap whose top is the last of them. The zero value keeps none.
type nearest struct {
	most int
	heap []ranked
}

// wants tells whether an entity with this score can be among the first: it surely cannot where this is false.
func (n *nearest) wants(score float32) bool {
	return len(n.heap) < n.most || n.most > 0 && score >= n.heap[0].score
}

// take adds an entity, and drops the last one where there are too many.
func (n *nearest) take(r ranked) {
	switch {
	case len(n.heap) < n.most:
		n.heap = append(n.heap, r)
		n.rise(len(n.heap) - 1)
	case n.most > 0 && r.before(n.heap[0]):
		n.heap[0] = r
		n.sink()
	}
}

func (n *nearest) rise(i int) {
	for i > 0 {
		up := (i - 1) / 2
		if !n.heap[up].before(n.heap[i]) {
			return
		}
		n.heap[up], n.heap[i] = n.heap[i], n.heap[up]
		i = up
	}
}

func (n *nearest) sink() {
	i := 0
	for {
		last := i
		for _, down := range [2]int{2*i + 1, 2*i + 2} {
			if down < len(n.heap) && n.heap[last].before(n.heap[down]) {
				last = down
			}
		}
		if last == i {
			return
		}
		n.heap[last], n.heap[i] = n.heap[i], n.heap[last]
		i = last
	}
}

// sorted returns what was kept, in order. The heap is used up.
func (n *nearest) sorted() []ranked {
	slices.SortFunc(n.heap, func(a, b ranked) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.id, b.id))
	})
	return n.heap
}
