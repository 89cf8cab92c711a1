package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/spf13/cobra"

	"github.com/thecowboyai/cim-projector/eventlog/streams"
)

func (a *app) streamsListCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "ls",
		Short: "List the streams of the account",
		Long: `Ls lists every stream of the account, with where its messages come from and whether it can be
projected.`,
		Example: `  projector streams ls
  projector streams ls --json | jq '.streams[] | select(.projectable) | .name'`,
		Args: count(0, 0, ""),
	}
	addSettings(cmd.Flags(), connectionSettings)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		s, err := a.resolve(cmd.Flags(), join(connectionSettings, listenSettings))
		if err != nil {
			return err
		}
		return s.withJetStream(cmd.Context(), func(ctx context.Context, _ *nats.Conn, js jetstream.JetStream) error {
			all, err := streams.List(ctx, js)
			if err != nil {
				return err
			}
			return a.showStreams(all)
		})
	}
	return cmd
}

// listedStream is a stream as ls --json and info --json print it.
type listedStream struct {
	Name          string    `json:"name"`
	Created       time.Time `json:"created"`
	Subjects      []string  `json:"subjects"`
	Sources       []string  `json:"sources"` // "ORIGIN filter"
	Retention     string    `json:"retention"`
	Storage       string    `json:"storage"`
	Replicas      int       `json:"replicas"`
	Messages      uint64    `json:"messages"`
	Bytes         uint64    `json:"bytes"`
	FirstSequence uint64    `json:"first_sequence"`
	LastSequence  uint64    `json:"last_sequence"`
	Projectable   bool      `json:"projectable"`
	Reason        *string   `json:"reason"` // why it cannot be projected
	Warnings      []string  `json:"warnings"`
}

func listed(info *jetstream.StreamInfo) listedStream {
	out := listedStream{
		Name: info.Config.Name, Created: info.Created, Subjects: orEmpty(info.Config.Subjects), Sources: orEmpty(streams.Sources(info)),
		Retention: streams.PolicyText(info.Config.Retention), Storage: streams.PolicyText(info.Config.Storage),
		Replicas: info.Config.Replicas, Messages: info.State.Msgs, Bytes: info.State.Bytes,
		FirstSequence: info.State.FirstSeq, LastSequence: info.State.LastSeq,
	}
	warnings, err := streams.Check(info)
	out.Projectable, out.Warnings = err == nil, orEmpty(warnings)
	if err != nil {
		reason := cleaned(err.Error())
		out.Reason = &reason
	}
	return out
}

func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

func (a *app) showStreams(all []*jetstream.StreamInfo) error {
	rows := make([]listedStream, len(all))
	for i, info := range all {
		rows[i] = listed(info)
	}
	if a.json {
		return printJSON(a.Stdout, map[string]any{"streams": rows})
	}
	if len(rows) == 0 {
		_, err := fmt.Fprintln(a.Stdout, "There is no stream. Make the stream of events with: projector streams apply")
		return err
	}
	t := newTable(a.Stdout, "STREAM", "TAKES", "RETENTION", "STORAGE", "REPLICAS", "EVENTS", "SIZE", "FIRST", "LAST", "PROJECTABLE")
	for _, r := range rows {
		t.row(r.Name, cropped(r.takes()), r.Retention, r.Storage, r.Replicas, grouped(r.Messages), bytesText(r.Bytes),
			grouped(r.FirstSequence), grouped(r.LastSequence), yesNo(r.Projectable))
	}
	return t.flush()
}

// takes is where a stream's messages come from, in one line.
func (l listedStream) takes() string {
	return strings.Join(append(append([]string{}, l.Subjects...), l.from()...), ", ")
}

// from are a stream's sources for people.
func (l listedStream) from() []string {
	var out []string
	for _, s := range l.Sources {
		origin, filter, _ := strings.Cut(s, " ")
		out = append(out, filter+" from "+origin)
	}
	return out
}

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}

// noStream is a stream that is not there.
func noStream(name string, err error) error {
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return notFound("there is no stream %s; see: projector streams ls", name)
	}
	return err
}
