package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// subjects are those of the document's CIM_EVENTS.
var subjects = []string{"event.graph.>", "event.conceptual.>", "event.workflow.>", "event.agent.>", "event.system.>"}

// duplicateWindow is how long the server remembers the ids of events.
const duplicateWindow = 2 * time.Minute

// ensureStream makes the stream of events on the projector's own server, which keeps everything. One that is there is left as it
// is.
func ensureStream(ctx context.Context, nc *nats.Conn, name string) error {
	js, err := jetstream.New(nc)
	if err != nil {
		return fmt.Errorf("make stream %s: %w", name, err)
	}
	_, err = js.Stream(ctx, name)
	if !errors.Is(err, jetstream.ErrStreamNotFound) {
		return err
	}
	_, err = js.CreateStream(ctx, jetstream.StreamConfig{
		Name:        name,
		Description: "CIM's events, as they were published",
		Subjects:    subjects,
		Retention:   jetstream.LimitsPolicy,
		Storage:     jetstream.FileStorage,
		AllowDirect: true,
		Duplicates:  duplicateWindow,
	})
	if err != nil {
		return fmt.Errorf("make stream %s: %w", name, err)
	}
	return nil
}

// missingStream says how to make a stream that is not there. On a NATS of the user's own nothing is made without being asked for.
func missingStream(name, where string) error {
	return notFound("there is no stream %s on %s; make it with: nats stream add %s --subjects %q --storage file --retention limits "+
		"--dupe-window 2m --allow-direct --defaults", name, where, name, strings.Join(subjects, ","))
}
