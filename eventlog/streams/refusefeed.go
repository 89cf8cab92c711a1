package streams

import (
	"fmt"

	"github.com/nats-io/nats.go/jetstream"
)

// refuseFeed refuses what a copy cannot be fed with.
func (c *comparison) refuseFeed(i *Item, w wish, info *jetstream.StreamInfo, to jetstream.StreamConfig) {
	c.refuseFilters(i, w)
	if origin := c.state.Stream(w.origin); origin != nil {
		if _, err := Check(origin); err != nil && c.originRefused {
			i.refuse(0, fmt.Sprintf("%s is no stream with limits retention, so a copy would take its events away from it", w.origin),
				"feed %s from a stream that keeps its events", w.name)
		}
		if origin.Config.MaxMsgSize > 0 && to.MaxMsgSize > 0 && to.MaxMsgSize < origin.Config.MaxMsgSize {
			i.refuse(codeSourceMaxMsgSize, "stream source must have max message size >= target",
				"%s takes messages of %d bytes: give %s no limit below that", w.origin, origin.Config.MaxMsgSize, w.name)
		}
	}
	if info == nil || info.State.LastSeq == 0 || sameSet(sourceTexts(info.Config.Sources), sourceTexts(to.Sources)) {
		return
	}
	i.refuse(0, fmt.Sprintf("the server takes a changed filter for a new source and reads %s from its first event again: "+
		"what %s holds would be in it twice", w.origin, w.name),
		"make a domain stream of another name; or delete this one, which is a copy, and apply again")
}

// refuseFilters refuses filters that overlap each other, and those that select nothing.
func (c *comparison) refuseFilters(i *Item, w wish) {
	for n, f := range w.filters {
		for m, wide := range w.filters {
			if n != m && covers(wide, f) {
				i.refuse(codeSourcesOverlap, "source filters can not overlap", "leave out %s, which %s takes in", f, wide)
			}
		}
		if len(c.origin.Subjects) > 0 && !collidesWith(c.origin.Subjects, f) {
			i.refuse(0, fmt.Sprintf("the filter %s selects nothing that %s takes", f, w.origin),
				"correct the filter, or let %s take it with --subjects", w.origin)
		}
	}
}
