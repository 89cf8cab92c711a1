package streams

import (
	"slices"

	"github.com/nats-io/nats.go/jetstream"
)

// explain adds what a person should know about the stream as it will be. What stays as it is needs few words.
func (i *Item) explain(w wish, info *jetstream.StreamInfo, to jetstream.StreamConfig) {
	if w.fed() {
		if i.Action == Create || i.Action == Change {
			i.explainCopy(w, to)
		}
		return
	}
	if info != nil {
		if warnings, err := Check(info); err == nil {
			for _, text := range warnings {
				i.note("The %s.", text)
			}
		}
		if info.Config.Retention == jetstream.InterestPolicy {
			i.note("What was acknowledged before is gone from it.")
		}
		if slices.ContainsFunc(to.Subjects, func(s string) bool { return collides(s, deadLetters) }) {
			i.note("It takes %s too, so events that could not be applied come back as events.", deadLetters)
		}
	}
	if i.Action == Same || i.Action == Refuse {
		return
	}
	switch bounded := to.MaxMsgs > 0 || to.MaxBytes > 0 || to.MaxAge > 0; {
	case !bounded:
		i.note("It keeps every event for as long as the disk has room.")
	case to.Discard == jetstream.DiscardOld:
		i.note("At its limits the oldest events are dropped: a rebuild from the first event then needs " +
			"a snapshot or the worker's archive.")
	default:
		i.note("At its limits new events are refused.")
	}
}

// deadLetters are the subjects on which events are told that could not be applied.
const deadLetters = "event.dlq.>"

// explainCopy says what retention and storage mean for a copy.
func (i *Item) explainCopy(w wish, to jetstream.StreamConfig) {
	i.note("It is a copy with sequences and times of its own: publish to %s, and project that.", w.origin)
	if to.Retention == jetstream.WorkQueuePolicy {
		i.note("As a work queue it gives each event to one consumer and forgets it once acknowledged: " +
			"it cannot be projected or replayed.")
	}
	if to.Storage == jetstream.MemoryStorage {
		i.note("In memory it is gone after a restart of its server, the stream itself too: apply makes and fills it again.")
		if to.MaxMsgs <= 0 && to.MaxBytes <= 0 && to.MaxAge <= 0 {
			i.note("Without limits it grows in memory as long as the server runs.")
		}
	}
}
