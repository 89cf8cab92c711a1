package snapshotstore

import "sync"

// objectCache keeps verified leaves and nodes within a budget of bytes. It has two halves: objects are put into the
// young one, found ones are moved back into it, and when it is full the old one is forgotten and the young one becomes
// old. It is safe for concurrent use.
type objectCache struct {
	budget int

	mu    sync.Mutex // protects the fields below
	young map[Hash]*parsed
	old   map[Hash]*parsed
	bytes int // in the young half
}

// parsedOverhead is what a cached object costs beyond its bytes: the slices of its rows or members.
const parsedOverhead = 3000

func newObjectCache(budget int) *objectCache {
	return &objectCache{budget: budget, young: map[Hash]*parsed{}, old: map[Hash]*parsed{}}
}

func (c *objectCache) get(hash Hash) *parsed {
	c.mu.Lock()
	defer c.mu.Unlock()
	if p, ok := c.young[hash]; ok {
		return p
	}
	p, ok := c.old[hash]
	if !ok {
		return nil
	}
	delete(c.old, hash)
	c.insert(hash, p)
	return p
}

func (c *objectCache) put(hash Hash, p *parsed) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.young[hash]; !ok {
		c.insert(hash, p)
	}
}

// insert puts an object that is not there into the young half. c.mu must be held.
func (c *objectCache) insert(hash Hash, p *parsed) {
	c.young[hash] = p
	c.bytes += p.bytes + parsedOverhead
	if c.bytes > c.budget/2 {
		c.old, c.young, c.bytes = c.young, map[Hash]*parsed{}, 0
	}
}
