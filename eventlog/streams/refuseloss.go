package streams

import (
	"fmt"
	"math"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// refuseLoss refuses limits that would drop events which someone needs.
func (c *comparison) refuseLoss(i *Item, w wish, info *jetstream.StreamInfo, to jetstream.StreamConfig) {
	kept := c.firstKept(info, to)
	if info.State.Msgs == 0 || uint64(kept) <= info.State.FirstSeq {
		return
	}
	lowest, known := c.lowest(w.name)
	dropped := fmt.Sprintf("events %d to %d", info.State.FirstSeq, kept-1)
	switch {
	case known && lowest.Applied+1 < kept && !c.layout.AcceptLoss:
		i.refuse(0, fmt.Sprintf("the limits would drop %s, and worker %s has applied only those up to %d",
			dropped, lowest.Worker, lowest.Applied),
			"wait until it has caught up, choose higher limits, or accept the loss with --accept-loss")
	case !known && !w.fed() && !c.layout.AcceptLoss:
		i.refuse(0, fmt.Sprintf("the limits would drop %s, and no worker says that it has applied them", dropped),
			"start the worker, choose higher limits, or accept the loss with --accept-loss")
	case w.fed():
		i.note("The limits drop %s of this copy; %s has events of its own.", dropped, w.origin)
	default:
		i.note("The limits drop %s. A rebuild from the first event then needs a snapshot or the worker's archive.", dropped)
	}
}

// lowest is the worker that needs most of a stream.
func (c *comparison) lowest(stream string) (Need, bool) {
	out, found := Need{Applied: math.MaxUint64}, false
	for _, n := range c.needs {
		if n.Stream == stream && (!found || n.Applied < out.Applied) {
			out, found = n, true
		}
	}
	return out, found
}

// firstKept is the first sequence that the limits leave, or a higher one: holes make room for more, and how large
// single events are is not known.
func (c *comparison) firstKept(info *jetstream.StreamInfo, to jetstream.StreamConfig) eventlog.Seq {
	s := info.State
	kept := s.FirstSeq
	if to.MaxMsgs > 0 && s.Msgs > uint64(to.MaxMsgs) {
		kept = max(kept, s.LastSeq-uint64(to.MaxMsgs)+1)
	}
	if to.MaxBytes > 0 && s.Bytes > uint64(to.MaxBytes) {
		kept = s.LastSeq + 1
	}
	if to.MaxAge > 0 {
		kept = max(kept, uint64(c.state.Young[to.Name]))
	}
	return eventlog.Seq(kept)
}
