package cli

import (
	"context"
	"fmt"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/spf13/cobra"
)

func (a *app) streamsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "streams",
		Short: "Plan, make and look at the streams of events",
		Long: `Streams shows what the layout of CIM's streams and consumers would change on a NATS server, makes
it so, and lists what is there. Nothing is ever deleted.`,
		Example: `  projector streams plan --nats nats://nats.example.com:4222
  projector streams apply --nats nats://nats.example.com:4222
  projector streams ls`,
		SuggestionsMinimumDistance: 2,

		Args: noCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.streamsPlanCommand(), a.streamsApplyCommand(), a.streamsListCommand(), a.streamsInfoCommand())
	return cmd
}

// streamsSettings are what the commands on streams need: where the server is, and the name of the stream of events.
func streamsSettings() []setting { return join(connectionSettings, streamSettings) }

// withJetStream connects as the settings say and runs something with it.
func (s *settings) withJetStream(ctx context.Context, run func(context.Context, *nats.Conn, jetstream.JetStream) error) error {
	conn, err := s.connect("projector streams", nats.NoReconnect())
	if err != nil {
		return err
	}
	defer conn.Close()
	js, err := jetstream.New(conn)
	if err != nil {
		return fmt.Errorf("use JetStream of %s: %w", conn.ConnectedUrlRedacted(), err)
	}
	return run(ctx, conn, js)
}
