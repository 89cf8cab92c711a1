package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/thecowboyai/cim-projector/eventlog/streams"
)

// ensureStream makes the stream of events on the projector's own server: without limits, and with the subjects of all of CIM's
// producers. One that is there is left as it is.
func ensureStream(ctx context.Context, nc *nats.Conn, name string) error {
	js, err := jetstream.New(nc)
	if err != nil {
		return fmt.Errorf("make stream %s: %w", name, err)
	}
	_, err = js.Stream(ctx, name)
	if !errors.Is(err, jetstream.ErrStreamNotFound) {
		return err
	}
	plan, err := streams.PlanFor(ctx, js, streams.Layout{Stream: name, Families: true})
	if err == nil {
		_, err = streams.Apply(ctx, js, plan)
	}
	if err != nil {
		return fmt.Errorf("make stream %s: %w", name, err)
	}
	return nil
}

// missingStream says how to make a stream that is not there. On a NATS of the user's own nothing is made without being asked for.
func missingStream(name, where string) error {
	command := "projector streams apply"
	if name != streams.DefaultStream {
		command += " --stream " + name
	}
	return notFound("there is no stream %s on %s; make it with: %s, and the same connection", name, where, command)
}
