package publish

import (
	"container/heap"
	"time"
)

// item is an event on its way.
type item struct {
	Event
	token    string
	attempts int
	sent     bool      // an answer is awaited; otherwise it waits for its turn or its next attempt
	stored   bool      // it was acknowledged
	due      time.Time // when the wait ends
	index    int       // in the heap; -1 = not in it
}

// flight is all events that were read and not acknowledged.
type flight struct {
	items  map[string]*item
	queues map[string][]*item // by aggregate; the first of each is on its way
	order  []*item            // as read, from the first that is not stored
	timers timers
	serial uint64
	held   int
	bytes  int
	sent   int // items whose answer is awaited
	stored int // the line up to which everything is stored
}

func newFlight() *flight {
	return &flight{items: make(map[string]*item), queues: make(map[string][]*item)}
}

// add takes a new event in, behind the others of its aggregate.
func (f *flight) add(e Event) *item {
	f.serial++
	it := &item{Event: e, token: token(f.serial), index: -1}
	f.items[it.token] = it
	f.queues[e.Aggregate] = append(f.queues[e.Aggregate], it)
	f.order = append(f.order, it)
	f.held++
	f.bytes += it.size()
	return it
}

// first tells whether an item is the one of its aggregate that may be sent.
func (f *flight) first(it *item) bool { return f.queues[it.Aggregate][0] == it }

// wait sets when an item's wait ends, and whether it is one for an answer.
func (f *flight) wait(it *item, sent bool, d time.Duration) {
	f.setSent(it, sent)
	it.due = time.Now().Add(d)
	if it.index < 0 {
		heap.Push(&f.timers, it)
	} else {
		heap.Fix(&f.timers, it.index)
	}
}

func (f *flight) setSent(it *item, sent bool) {
	switch {
	case sent && !it.sent:
		f.sent++
	case !sent && it.sent:
		f.sent--
	}
	it.sent = sent
}

// done takes a stored item out.
func (f *flight) done(it *item) {
	it.stored = true
	f.drop(it)
	for len(f.order) > 0 && f.order[0].stored {
		f.stored = f.order[0].Line
		f.order = f.order[1:]
	}
}

// drop stops waiting for an item. Unless it is stored it stays in the way of its aggregate.
func (f *flight) drop(it *item) {
	f.setSent(it, false)
	if it.index >= 0 {
		heap.Remove(&f.timers, it.index)
	}
	delete(f.items, it.token)
	f.held--
	f.bytes -= it.size()
}

// pop takes a stored item off its aggregate's queue and returns the one behind it.
func (f *flight) pop(it *item) *item {
	queue := f.queues[it.Aggregate][1:]
	if len(queue) == 0 {
		delete(f.queues, it.Aggregate)
		return nil
	}
	f.queues[it.Aggregate] = queue
	return queue[0]
}

// untilDue returns how long nothing has to be done.
func (f *flight) untilDue() time.Duration {
	if len(f.timers) == 0 {
		return time.Hour
	}
	return time.Until(f.timers[0].due)
}

// popDue takes out an item whose wait has ended, if there is one.
func (f *flight) popDue() *item {
	if len(f.timers) == 0 || time.Now().Before(f.timers[0].due) {
		return nil
	}
	return heap.Pop(&f.timers).(*item)
}

// timers is a heap of waits.
type timers []*item

// Len is part of heap.Interface.
func (t timers) Len() int { return len(t) }

// Less is part of heap.Interface.
func (t timers) Less(i, j int) bool { return t[i].due.Before(t[j].due) }

// Swap is part of heap.Interface.
func (t timers) Swap(i, j int) {
	t[i], t[j] = t[j], t[i]
	t[i].index, t[j].index = i, j
}

// Push is part of heap.Interface.
func (t *timers) Push(x any) {
	it := x.(*item)
	it.index = len(*t)
	*t = append(*t, it)
}

// Pop is part of heap.Interface.
func (t *timers) Pop() any {
	old := *t
	it := old[len(old)-1]
	*t = old[:len(old)-1]
	it.index = -1
	return it
}
