package cli

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/spf13/cobra"

	"github.com/thecowboyai/cim-projector/eventlog/streams"
)

func (a *app) streamsInfoCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "info [STREAM]",
		Short: "Show one stream with its sources and consumers",
		Long: `Info shows a stream, the stream of events unless another is named: what it takes, its limits, how
far its sources are behind, its consumers, and whether it can be projected.`,
		Example: `  projector streams info
  projector streams info CIM_GRAPH_EVENTS --json`,
		Args: count(0, 1, "the name of the stream"),
	}
	wanted := streamsSettings()
	addSettings(cmd.Flags(), wanted)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		s, err := a.resolve(cmd.Flags(), join(wanted, listenSettings))
		if err != nil {
			return err
		}
		name := append(args, s.text("stream"))[0]
		if err := checkStream(name); err != nil {
			return wrongUsage("%w", err)
		}
		return s.withJetStream(cmd.Context(), func(ctx context.Context, _ *nats.Conn, js jetstream.JetStream) error {
			return a.streamInfo(ctx, js, name)
		})
	}
	return cmd
}

// streamDetail is what info --json prints.
type streamDetail struct {
	listedStream
	Limits    streamLimits     `json:"limits"`
	Feeds     []feedDetail     `json:"feeds"`
	Consumers []consumerDetail `json:"consumers"`
}

// streamLimits are as the server states them: -1 is none, and max_age and duplicate_window are nanoseconds.
type streamLimits struct {
	MaxMsgs         int64         `json:"max_msgs"`
	MaxBytes        int64         `json:"max_bytes"`
	MaxAge          time.Duration `json:"max_age"`
	MaxMsgSize      int32         `json:"max_msg_size"`
	MaxConsumers    int           `json:"max_consumers"`
	Discard         string        `json:"discard"`
	DuplicateWindow time.Duration `json:"duplicate_window"`
}

// feedDetail is one origin of a stream, or of a mirror.
type feedDetail struct {
	Origin    string `json:"origin"`
	Lag       uint64 `json:"lag"` // events that it has, and this stream not yet
	Connected bool   `json:"connected"`
}

type consumerDetail struct {
	Name        string `json:"name"`
	Pending     uint64 `json:"pending"`     // not delivered
	AckPending  int    `json:"ack_pending"` // delivered, and not acknowledged
	Redelivered int    `json:"redelivered"`
	AckFloor    uint64 `json:"ack_floor"` // everything up to here is acknowledged
}

func (a *app) streamInfo(ctx context.Context, js jetstream.JetStream, name string) error {
	stream, err := js.Stream(ctx, name)
	if err != nil {
		return noStream(name, err)
	}
	consumers, err := streams.Consumers(ctx, js, name)
	if err != nil {
		return noStream(name, err)
	}
	d := detail(stream.CachedInfo(), consumers)
	if a.json {
		return printJSON(a.Stdout, d)
	}
	return printDetail(a.Stdout, d)
}

func detail(info *jetstream.StreamInfo, consumers []*jetstream.ConsumerInfo) streamDetail {
	c := info.Config
	out := streamDetail{
		listedStream: listed(info), Feeds: []feedDetail{}, Consumers: []consumerDetail{},
		Limits: streamLimits{
			c.MaxMsgs, c.MaxBytes, c.MaxAge, c.MaxMsgSize, c.MaxConsumers, streams.PolicyText(c.Discard), c.Duplicates,
		},
	}
	feeds := info.Sources
	if info.Mirror != nil {
		feeds = append(feeds, info.Mirror)
	}
	for _, f := range feeds {
		out.Feeds = append(out.Feeds, feedDetail{Origin: f.Name, Lag: f.Lag, Connected: f.Active >= 0})
	}
	for _, i := range consumers {
		out.Consumers = append(out.Consumers, consumerDetail{
			i.Name, i.NumPending, i.NumAckPending, i.NumRedelivered, i.AckFloor.Stream,
		})
	}
	return out
}

func printDetail(w io.Writer, d streamDetail) error {
	t := newTable(w)
	t.row("Stream", fmt.Sprintf("%s, created %s", d.Name, clock(d.Created)))
	head := "Takes"
	for _, s := range append(append([]string{}, d.Subjects...), d.from()...) {
		t.row(head, s)
		head = ""
	}
	t.row("Keeps", fmt.Sprintf("by %s, in %s, %s", d.Retention, d.Storage, plural(d.Replicas, "replica")))
	t.row("Limits", d.Limits.text())
	if d.Messages == 0 {
		t.row("Holds", fmt.Sprintf("nothing; the last event was %s", grouped(d.LastSequence)))
	} else {
		t.row("Holds", fmt.Sprintf("%s in %s: %s to %s", plural(d.Messages, "event"), bytesText(d.Bytes),
			grouped(d.FirstSequence), grouped(d.LastSequence)))
	}
	projectable := "can be"
	if d.Reason != nil {
		projectable = "cannot be: " + *d.Reason
	}
	t.row("Projected", projectable)
	for _, text := range d.Warnings {
		t.row("Beware", text)
	}
	for _, f := range d.Feeds {
		t.row("Fed", f.text())
	}
	if err := t.flush(); err != nil {
		return err
	}
	return printConsumers(w, d.Consumers)
}

func (f feedDetail) text() string {
	if !f.Connected {
		return "from " + f.Origin + ", which is not connected now"
	}
	return fmt.Sprintf("from %s, %s behind", f.Origin, plural(f.Lag, "event"))
}

// text lists the limits that there are.
func (l streamLimits) text() string {
	var out []string
	for _, one := range []struct{ name, text string }{
		{"events", valueText("max_msgs", l.MaxMsgs)}, {"size", valueText("max_bytes", l.MaxBytes)},
		{"age", ageText(l.MaxAge)}, {"one event", valueText("max_msg_size", l.MaxMsgSize)},
		{"consumers", valueText("max_consumers", l.MaxConsumers)},
	} {
		if one.text != unlimited {
			out = append(out, one.name+" "+one.text)
		}
	}
	window := "no duplicate window"
	if l.DuplicateWindow > 0 {
		window = "duplicate window " + ageText(l.DuplicateWindow)
	}
	if len(out) == 0 {
		return "none; " + window
	}
	return strings.Join(out, ", ") + "; discards the " + map[string]string{"old": "oldest", "new": "new"}[l.Discard] + "; " + window
}

func printConsumers(w io.Writer, consumers []consumerDetail) error {
	if len(consumers) == 0 {
		_, err := fmt.Fprintln(w, "\nIt has no consumers.")
		return err
	}
	fmt.Fprintln(w)
	t := newTable(w, "CONSUMER", "PENDING", "UNACKNOWLEDGED", "REDELIVERED", "ACKNOWLEDGED UP TO")
	for _, c := range consumers {
		t.row(c.Name, grouped(c.Pending), grouped(c.AckPending), grouped(c.Redelivered), grouped(c.AckFloor))
	}
	return t.flush()
}
