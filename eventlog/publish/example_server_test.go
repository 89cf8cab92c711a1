package publish_test

import (
	"context"
	"fmt"
	"os"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/eventlog/embedded"
)

// withStream runs an example with an empty stream EVENTS of a server of its own, and prints what went wrong.
func withStream(example func(context.Context, *nats.Conn, eventlog.Seq) error) {
	if err := serveExample(context.Background(), example); err != nil {
		fmt.Println(err)
	}
}

func serveExample(ctx context.Context, example func(context.Context, *nats.Conn, eventlog.Seq) error) error {
	dir, err := os.MkdirTemp("", "publish-example-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // it is a temporary folder
	server, err := embedded.Start(ctx, embedded.Config{Dir: dir, Port: embedded.FreePort})
	if err != nil {
		return err
	}
	defer server.Close() //nolint:errcheck // nothing of it is needed any more
	conn, err := nats.Connect(server.URL())
	if err != nil {
		return err
	}
	defer conn.Close()
	js, err := jetstream.New(conn)
	if err != nil {
		return err
	}
	cfg := jetstream.StreamConfig{Name: "EVENTS", Subjects: []string{"event.>"}, AllowAtomicPublish: true}
	if _, err := js.CreateStream(ctx, cfg); err != nil {
		return err
	}
	return example(ctx, conn, 0)
}
