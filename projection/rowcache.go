package projection

import "slices"

// rowCache keeps decoded rows of one projection within a budget of bytes. It has two halves: rows are put into the
// young one, found ones are moved back into it, and when it is full the old one is forgotten and the young one becomes
// old. It holds committed rows only, and belongs to the goroutine that applies.
type rowCache struct {
	budget int // bytes, of both halves
	young  map[cacheKey]cached
	old    map[cacheKey]cached
	bytes  int // in the young half
}

type cacheKey struct {
	table int
	key   Key
}

type cached struct {
	row  any
	size int
}

// rowOverhead is what a cached row costs beyond its encoded bytes: map slot, key header, pointers, and the gap between
// encoded and decoded form (a node of 200 bytes takes about 600 decoded).
const rowOverhead = 160

func newRowCache(budget int) *rowCache {
	return &rowCache{budget: budget, young: map[cacheKey]cached{}, old: map[cacheKey]cached{}}
}

func (c *rowCache) get(table int, key Key) (any, bool) {
	k := cacheKey{table, key}
	if v, ok := c.young[k]; ok {
		return v.row, true
	}
	v, ok := c.old[k]
	if !ok {
		return nil, false
	}
	delete(c.old, k)
	c.insert(k, v)
	return v.row, true
}

// put takes a committed row in; size is that of its encoded form.
func (c *rowCache) put(table int, key Key, row any, size int) {
	k := cacheKey{table, key}
	delete(c.old, k)
	c.insert(k, cached{row: row, size: 3*size + len(key) + rowOverhead})
}

func (c *rowCache) insert(k cacheKey, v cached) {
	if before, ok := c.young[k]; ok {
		c.bytes -= before.size
	}
	c.young[k] = v
	c.bytes += v.size
	if c.bytes > c.budget/2 {
		c.old, c.young, c.bytes = c.young, map[cacheKey]cached{}, 0
	}
}

func (c *rowCache) remove(table int, key Key) {
	k := cacheKey{table, key}
	if v, ok := c.young[k]; ok {
		c.bytes -= v.size
		delete(c.young, k)
	}
	delete(c.old, k)
}

// removeCovered forgets every row that lies under a deleted range of these overlays, one for each table.
func (c *rowCache) removeCovered(overlays []*overlay) {
	if !slices.ContainsFunc(overlays, func(o *overlay) bool { return len(o.ranges) > 0 }) {
		return
	}
	for _, half := range []map[cacheKey]cached{c.young, c.old} {
		for k := range half {
			if overlays[k.table].covers(k.key) {
				c.remove(k.table, k.key)
			}
		}
	}
}
