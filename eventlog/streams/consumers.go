package streams

import (
	"fmt"

	"github.com/nats-io/nats.go/jetstream"
)

// consumers compares the document's consumers.
func (c *comparison) consumers() []Item {
	// The document's filter event.> is one wide filter, which costs the server nothing. Where the stream takes more
	// than that, the processor has none.
	filters := []string{"event.>"}
	for _, s := range c.origin.Subjects {
		if !covers(filters[0], s) {
			filters = nil
			break
		}
	}
	p := c.consumer(processor(filters))
	p.note("It is there to be monitored: it counts what its own clients have still before them, and the worker reads without it.")
	ui := c.consumer(userInterface())
	ui.note("It sends events to %s and asks for no acknowledgement; while nobody listens they wait. "+
		"It has no edge_updated or node_moved.", UISubject)
	return []Item{p, ui}
}

// consumer compares one consumer of the stream of events.
func (c *comparison) consumer(want jetstream.ConsumerConfig) Item {
	stream := c.layout.Stream
	i := Item{Kind: ConsumerKind, Stream: stream, Name: want.Durable}
	var held *jetstream.ConsumerConfig
	to := want
	for _, info := range c.state.Consumers[stream] {
		if info.Name == want.Durable {
			held = &info.Config
			to = consumerConfig(*held, want)
		}
	}
	i.consumer = &consumerStep{from: held, to: to}
	i.compareConsumer(held, to)
	i.refuseFixed(held, to)
	c.refuseDelivery(&i, to)
	i.settle(held != nil)
	return i
}

// consumerConfig is the consumer as it should be: what is there with what the document says written over it. Filters
// are added to.
func consumerConfig(held, want jetstream.ConsumerConfig) jetstream.ConsumerConfig {
	out := held
	filters := consumerFilters(held)
	switch {
	case len(filters) == 0: // it takes everything
	case len(want.FilterSubjects) == 0:
		filters = nil
	default:
		filters = joined(filters, want.FilterSubjects)
	}
	out.FilterSubject, out.FilterSubjects = "", filters
	out.DeliverPolicy, out.AckPolicy, out.ReplayPolicy = want.DeliverPolicy, want.AckPolicy, want.ReplayPolicy
	out.DeliverSubject, out.MemoryStorage = want.DeliverSubject, false
	if out.DeliverSubject != "" {
		out.MaxWaiting = 0 // of requests, which nobody sends
	}
	if want.AckPolicy != jetstream.AckNonePolicy {
		out.AckWait, out.MaxDeliver, out.MaxAckPending = want.AckWait, want.MaxDeliver, want.MaxAckPending
	}
	return out
}

// consumerFilters are the subjects that a consumer selects; none = everything.
func consumerFilters(cfg jetstream.ConsumerConfig) []string {
	if cfg.FilterSubject != "" {
		return []string{cfg.FilterSubject}
	}
	return cfg.FilterSubjects
}

// compareConsumer lists the fields that differ.
func (i *Item) compareConsumer(held *jetstream.ConsumerConfig, to jetstream.ConsumerConfig) {
	exists := held != nil
	var from jetstream.ConsumerConfig
	if exists {
		from = *held
	}
	changeList(i, exists, "filter_subjects", consumerFilters(from), consumerFilters(to))
	change(i, exists, "deliver_policy", from.DeliverPolicy.String(), to.DeliverPolicy.String())
	if from.DeliverSubject != "" || to.DeliverSubject != "" {
		change(i, exists, "deliver_subject", from.DeliverSubject, to.DeliverSubject)
	}
	change(i, exists, "ack_policy", PolicyText(from.AckPolicy), PolicyText(to.AckPolicy))
	change(i, exists, "replay_policy", from.ReplayPolicy.String(), to.ReplayPolicy.String())
	if to.AckPolicy == jetstream.AckNonePolicy {
		return
	}
	change(i, exists, "ack_wait", from.AckWait, to.AckWait)
	change(i, exists, "max_deliver", from.MaxDeliver, to.MaxDeliver)
	change(i, exists, "max_ack_pending", from.MaxAckPending, to.MaxAckPending)
}

// refuseFixed refuses what a server never changes of a consumer.
func (i *Item) refuseFixed(held *jetstream.ConsumerConfig, to jetstream.ConsumerConfig) {
	if held == nil {
		return
	}
	refuse := func(differs bool, reason string) {
		if differs {
			i.refuse(codeConsumerCreate, reason, "%s is another's, or was made otherwise: delete it if nobody needs its position, "+
				"with nats consumer rm %s %s, and apply again", i.Name, i.Stream, i.Name)
		}
	}
	refuse(held.DeliverPolicy != to.DeliverPolicy, "deliver policy can not be updated")
	refuse(held.AckPolicy != to.AckPolicy, "ack policy can not be updated")
	refuse(held.ReplayPolicy != to.ReplayPolicy, "replay policy can not be updated")
	refuse(held.MemoryStorage != to.MemoryStorage, "storage type can not be updated")
	refuse(held.DeliverSubject == "" && to.DeliverSubject != "", "can not update pull consumer to push based")
	refuse(held.DeliverSubject != "" && to.DeliverSubject == "", "can not update push consumer to pull based")
}

// refuseDelivery refuses to send events where they would be stored again, and filters that select nothing.
func (c *comparison) refuseDelivery(i *Item, to jetstream.ConsumerConfig) {
	for _, s := range c.origin.Subjects {
		if to.DeliverSubject != "" && covers(s, to.DeliverSubject) {
			i.refuse(codeDeliverCycle, "consumer deliver subject forms a cycle",
				"%s takes %s, which matches %s: leave that subject out", i.Stream, s, to.DeliverSubject)
		}
	}
	for _, f := range consumerFilters(to) {
		if len(c.origin.Subjects) > 0 && !collidesWith(c.origin.Subjects, f) {
			i.refuse(0, fmt.Sprintf("the filter %s selects nothing that %s takes", f, i.Stream),
				"let %s take it with --subjects", i.Stream)
		}
	}
}
