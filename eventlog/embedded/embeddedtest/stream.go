package embeddedtest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// createPatience is how long CreateStream tries while the server cannot make the stream's directory.
const createPatience = 10 * time.Second

// storeFailed is the server's code for a stream that it could not make the store of.
const storeFailed jetstream.ErrorCode = 10049

// CreateStream creates a stream, also one of a name that was deleted a moment ago: the server removes the directory of the
// deleted one beside its answer, and until that is over may be unable to make a new one there.
func CreateStream(t testing.TB, js jetstream.JetStream, cfg jetstream.StreamConfig) jetstream.Stream {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), createPatience)
	defer cancel()
	for {
		stream, err := js.CreateStream(ctx, cfg)
		if err == nil {
			return stream
		}
		refused, ok := errors.AsType[*jetstream.APIError](err)
		if !ok || refused.ErrorCode != storeFailed || ctx.Err() != nil {
			t.Fatalf("embeddedtest: create stream %s: %v", cfg.Name, err)
		}
	}
}

// JetStream returns JetStream over a connection to a server's URL that is closed when the test ends.
func JetStream(t testing.TB, url string) jetstream.JetStream {
	t.Helper()
	js, err := jetstream.New(Connect(t, url))
	if err != nil {
		t.Fatalf("embeddedtest: %v", err)
	}
	return js
}
