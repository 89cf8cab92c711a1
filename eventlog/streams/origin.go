package streams

import (
	"fmt"
	"strings"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/eventlog/natslog"
)

// Check tells whether a stream can be projected. It is natslog.CheckOrigin, which states the rule.
func Check(info *jetstream.StreamInfo) (warnings []string, err error) {
	return natslog.CheckOrigin(info)
}

// Unread says which subjects of a stream the mapping reads no events from, one sentence each: a stream of another kind that has
// the expected name, most likely.
func Unread(stream string, subjects []string, d *eventlog.Decoder) (warnings []string) {
	for _, s := range subjects {
		if !collidesWith(d.Subjects(), s) {
			warnings = append(warnings, fmt.Sprintf("stream %s takes %s, where no events are expected: what they are is told by their bodies alone; "+
				"name another stream with --stream, or map the subject with --mapping", stream, s))
		}
	}
	return warnings
}

// sourceHeader is what a server gives to copied events.
const sourceHeader = "Nats-Stream-Source"

// Source is where the server copied an event from.
type Source struct {
	Stream   string       // the origin's name
	Seq      eventlog.Seq // of the event there
	Identity string       // the origin's, which changes when it is made anew; "" from servers before 2.15
}

// SourceOf reads the header that a server gives to copied events, and that publishers cannot set. Of a copy of a copy
// it names the nearest origin. false = the event was published to its stream.
func SourceOf(h eventlog.Header) (Source, bool) {
	fields := strings.Split(h.Get(sourceHeader), " ")
	if len(fields) < 2 {
		return Source{}, false
	}
	seq, err := eventlog.ParseSeq(fields[1])
	if err != nil {
		return Source{}, false
	}
	name, _, _ := strings.Cut(fields[0], ":") // behind the colon: through which domain
	out := Source{Stream: name, Seq: seq}
	if len(fields) > 5 {
		out.Identity = fields[5]
	}
	return out, true
}
