package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/thecowboyai/cim-projector/engine"
	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/eventlog/streams"
)

// How long workers have to say that they are there, and then how far they have come.
const (
	helloWait  = 500 * time.Millisecond
	statusWait = 5 * time.Second
)

// needs asks all workers that run on this NATS what they have applied.
func needs(ctx context.Context, conn *nats.Conn, stream string) ([]streams.Need, error) {
	names, err := runningWorkers(ctx, conn)
	if err != nil {
		return nil, err
	}
	var out []streams.Need
	for _, name := range names {
		timed, cancel := context.WithTimeout(ctx, statusWait)
		answer, err := engine.NewClient(conn, name).Ask(timed, statusSubject, nil)
		cancel()
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		out = append(out, needOf(name, stream, answer, err))
	}
	return out, nil
}

// needOf is what a worker's status says. One that does not say may need everything.
func needOf(worker, stream string, answer engine.Reply, err error) streams.Need {
	out := streams.Need{Worker: worker, Stream: stream}
	var st engine.Status
	if err != nil || json.Unmarshal(answer.Data, &st) != nil || st.Stream == nil || len(st.Projections) == 0 {
		return out
	}
	out.Stream, out.Applied = st.Stream.Name, eventlog.Seq(st.Projections[0].AppliedSequence)
	for _, p := range st.Projections {
		out.Applied = min(out.Applied, eventlog.Seq(p.AppliedSequence))
	}
	return out
}

// runningWorkers returns the names of the workers that answer.
func runningWorkers(ctx context.Context, conn *nats.Conn) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, helloWait)
	defer cancel()
	inbox := conn.NewRespInbox()
	sub, err := conn.SubscribeSync(inbox)
	if err != nil {
		return nil, fmt.Errorf("ask for workers: %w", err)
	}
	defer sub.Unsubscribe() //nolint:errcheck // the connection is about to be closed
	if err := conn.PublishRequest("$SRV.INFO."+engine.ServiceName, inbox, nil); err != nil {
		return nil, fmt.Errorf("ask for workers: %w", err)
	}
	var names []string
	seen := map[string]bool{}
	for {
		msg, err := sub.NextMsgWithContext(ctx)
		switch {
		case errors.Is(err, context.DeadlineExceeded), errors.Is(err, nats.ErrNoResponders):
			return names, nil
		case err != nil:
			return nil, fmt.Errorf("ask for workers: %w", err)
		}
		var info struct {
			Metadata struct {
				Worker string `json:"worker"`
			} `json:"metadata"`
		}
		if json.Unmarshal(msg.Data, &info) != nil || info.Metadata.Worker == "" || seen[info.Metadata.Worker] {
			continue
		}
		seen[info.Metadata.Worker] = true
		names = append(names, info.Metadata.Worker)
	}
}
