package streams

import (
	"context"
	"fmt"
	"strings"

	"github.com/nats-io/nats.go/jetstream"
)

// PlanFor looks at the server and compares: see Read and Compare. It fails where the layout is wrong in itself.
func PlanFor(ctx context.Context, js jetstream.JetStream, l Layout, needs ...Need) (Plan, error) {
	if err := l.Validate(); err != nil {
		return Plan{}, err
	}
	state, err := Read(ctx, js, l)
	if err != nil {
		return Plan{}, err
	}
	return Compare(l, state, needs...), nil
}

// Compare returns what leads from a state to a layout, which must be valid. It is a function of its arguments alone.
func Compare(l Layout, s State, needs ...Need) Plan {
	c := &comparison{layout: l.withDefaults(), state: s, needs: needs}
	var p Plan
	for _, w := range c.layout.wishes() {
		i := c.stream(w)
		if !w.fed() && i.stream != nil {
			c.origin, c.originRefused = i.stream.to, i.Action == Refuse
		}
		p.Items = append(p.Items, i)
	}
	if c.layout.Consumers {
		p.Items = append(p.Items, c.consumers()...)
	}
	return p
}

// comparison is the state of one Compare.
type comparison struct {
	layout Layout
	state  State
	needs  []Need

	origin        jetstream.StreamConfig // the stream of events, as it will be; nameless where it is another's
	originRefused bool                   // so that it stays as it is
}

// stream compares one stream.
func (c *comparison) stream(w wish) Item {
	i := Item{Kind: StreamKind, Stream: w.name, Name: w.name}
	info := c.state.Stream(w.name)
	var held *jetstream.StreamConfig
	if info != nil {
		held = &info.Config
		if i.refuseForeign(w, held); len(i.Refusals) > 0 {
			i.settle(true)
			return i
		}
	}
	to := w.config(held, c.newReplicas())
	i.stream = &streamStep{from: held, to: to}
	i.compareStream(held, to)
	i.refuseTypes(held, to)
	i.refuseDiscard(w, held, to)
	c.refuseReplicas(&i, to)
	c.refuseStorage(&i, held, to)
	if w.fed() {
		c.refuseFeed(&i, w, info, to)
	} else {
		c.refuseSubjects(&i, to)
	}
	if info != nil {
		c.refuseLoss(&i, w, info, to)
	}
	i.settle(held != nil)
	i.explain(w, info, to)
	return i
}

// newReplicas is how many replicas a stream gets that is not there yet, and for which no number was asked for.
func (c *comparison) newReplicas() int {
	if c.state.Clustered && c.state.Servers >= 3 {
		return 3
	}
	return 1
}

// compareStream lists the fields that differ.
func (i *Item) compareStream(held *jetstream.StreamConfig, to jetstream.StreamConfig) {
	exists := held != nil
	var from jetstream.StreamConfig
	if exists {
		from = *held
	}
	if len(to.Sources) > 0 && len(to.Subjects) == 0 {
		changeList(i, exists, "sources", sourceTexts(from.Sources), sourceTexts(to.Sources))
	} else {
		changeList(i, exists, "subjects", from.Subjects, to.Subjects)
	}
	change(i, exists, "retention", PolicyText(from.Retention), PolicyText(to.Retention))
	change(i, exists, "storage", PolicyText(from.Storage), PolicyText(to.Storage))
	change(i, exists, "num_replicas", from.Replicas, to.Replicas)
	change(i, exists, "max_msgs", from.MaxMsgs, to.MaxMsgs)
	change(i, exists, "max_bytes", from.MaxBytes, to.MaxBytes)
	change(i, exists, "max_age", from.MaxAge, to.MaxAge)
	change(i, exists, "max_msg_size", from.MaxMsgSize, to.MaxMsgSize)
	change(i, exists, "max_consumers", from.MaxConsumers, to.MaxConsumers)
	change(i, exists, "discard", PolicyText(from.Discard), PolicyText(to.Discard))
	if len(to.Sources) == 0 || exists {
		change(i, exists, "duplicate_window", from.Duplicates, to.Duplicates)
	}
}

// PolicyText is a policy of a stream or consumer as it stands in the server's own configuration, such as "workqueue" or
// "file".
func PolicyText(policy fmt.Stringer) string {
	text := strings.ToLower(policy.String())
	return strings.TrimPrefix(strings.TrimPrefix(text, "discard"), "ack")
}

// Sources are what the server fills a stream from: for every filter of every source, the origin's name and the filter.
func Sources(info *jetstream.StreamInfo) []string {
	if m := info.Config.Mirror; m != nil {
		return sourceTexts([]*jetstream.StreamSource{m})
	}
	return sourceTexts(info.Config.Sources)
}

func sourceTexts(sources []*jetstream.StreamSource) []string {
	var out []string
	for _, s := range sources {
		for _, f := range filtersOf(s) {
			out = append(out, s.Name+" "+f)
		}
	}
	return out
}
