package natslog

import (
	"testing"

	"pgregory.net/rapid"
)

// request is a pull request that waits at the modelled server.
type request struct {
	messages, bytes int
	limited         bool
}

// puller models a server that has messages to deliver: it takes requests in turn, and ends one that has no room for the next
// message, or that is used up.
type puller struct {
	sizes   []int // of the messages to deliver
	waiting []request
	sent    int
}

// deliver sends one message or one status, and tells whether it could.
func (p *puller) deliver(w *window, held *[]int) bool {
	if len(p.waiting) == 0 || p.sent == len(p.sizes) {
		return false
	}
	r, size := p.waiting[0], p.sizes[p.sent]
	p.waiting = p.waiting[1:]
	if r.limited && size > r.bytes {
		w.ended(r.messages, r.bytes, true)
		return true
	}
	r.messages--
	if r.limited {
		if r.bytes -= size; r.bytes == 0 {
			r.messages = 0 // in silence
		}
	}
	p.sent++
	w.received(size)
	*held = append(*held, size)
	switch {
	case r.messages > 0:
		p.waiting = append(p.waiting, r)
	case r.bytes > 0:
		w.ended(0, r.bytes, true)
	}
	return true
}

// expire ends all requests for their age.
func (p *puller) expire(w *window) {
	for _, r := range p.waiting {
		w.ended(r.messages, r.bytes, false)
	}
	p.waiting = nil
}

// play is a reader with a window against a modelled server.
type play struct {
	window
	puller
	held []int // sizes of what was received and not taken
}

func (p *play) heldBytes() int {
	total := 0
	for _, size := range p.held {
		total += size
	}
	return total
}

func (p *play) ask() {
	if pull, ok := p.next(len(p.held), p.heldBytes()); ok {
		p.waiting = append(p.waiting, request{pull.messages, pull.bytes, pull.bytes > 0})
	}
}

// check holds what is on this side against the limits: two requests, and one message that is larger than any request.
func (p *play) check(t *rapid.T) {
	if len(p.held) > 2*p.batch {
		t.Fatalf("%d messages are held, and a request is for %d", len(p.held), p.batch)
	}
	if total := p.heldBytes(); total > 2*p.window.bytes && total-p.held[len(p.held)-1] > 2*p.window.bytes {
		t.Fatalf("%d bytes are held, and a request is for %d", total, p.window.bytes)
	}
}

// TestWindowNeverStarves plays a reader and a server against each other: whatever the sizes and the order of steps, every
// message is delivered in the end, and no more is held than two requests allow.
func TestWindowNeverStarves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := &play{window: window{
			batch: rapid.IntRange(1, 20).Draw(t, "batch"),
			bytes: rapid.IntRange(10, 200).Draw(t, "bytes"),
			left:  noLimit,
		}}
		p.sizes = rapid.SliceOfN(rapid.IntRange(1, 250), 0, 100).Draw(t, "sizes")
		if rapid.Bool().Draw(t, "bounded") {
			p.left = uint64(len(p.sizes))
		}
		steps := rapid.SampledFrom([]string{"expire", "take", "deliver", "deliver"})
		for _, step := range rapid.SliceOfN(steps, 0, 300).Draw(t, "steps") {
			switch step {
			case "expire":
				p.expire(&p.window)
			case "take":
				p.held = nil
			case "deliver":
				p.deliver(&p.window, &p.held)
			}
			p.ask()
			p.check(t)
		}
		for p.sent < len(p.sizes) { // from here on both are willing
			before := p.sent
			for range 4 {
				p.held = nil
				p.ask()
				for p.deliver(&p.window, &p.held) {
					p.check(t)
				}
			}
			if p.sent == before {
				t.Fatalf("stuck after %d of %d messages: %+v, waiting %+v", p.sent, len(p.sizes), p.window, p.waiting)
			}
		}
	})
}
