package natslog_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/eventlog/embedded/embeddedtest"
	"github.com/thecowboyai/cim-projector/eventlog/natslog"
)

func TestTrap02StreamsWithoutHistoryAreRefused(t *testing.T) {
	all := newStreams(t, embeddedtest.Start(t).URL())
	for _, retention := range []jetstream.RetentionPolicy{jetstream.WorkQueuePolicy, jetstream.InterestPolicy} {
		s := all.create(t, func(cfg *jetstream.StreamConfig) { cfg.Retention = retention })
		_, err := natslog.Open(t.Context(), natslog.Config{URL: all.url, Stream: s.name})
		if refused, ok := errors.AsType[*natslog.RetentionError](err); !ok || refused.Retention != retention {
			t.Errorf("Open of a stream with %s retention: %v, want *RetentionError", retention, err)
		}
	}
	_, err := natslog.Open(t.Context(), natslog.Config{URL: all.url, Stream: "NONE"})
	if missing, ok := errors.AsType[*natslog.StreamMissingError](err); !ok || missing.Stream != "NONE" {
		t.Errorf("Open of no stream: %v, want *StreamMissingError", err)
	}
}

func TestTrap02MemoryIsWarnedOf(t *testing.T) {
	all := newStreams(t, embeddedtest.Start(t).URL())
	memory := all.create(t, func(cfg *jetstream.StreamConfig) { cfg.Storage = jetstream.MemoryStorage })
	if got := memory.open(t, nil).Warnings(); len(got) != 1 {
		t.Errorf("Warnings of a stream in memory: %q, want one", got)
	}
	if got := all.create(t, nil).open(t, nil).Warnings(); len(got) != 0 {
		t.Errorf("Warnings of a stream in files: %q, want none", got)
	}
}

func TestOpenEndsWithContext(t *testing.T) {
	s := newStreams(t, embeddedtest.Start(t).URL()).create(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := natslog.Open(ctx, natslog.Config{URL: s.url, Stream: s.name}); !errors.Is(err, context.Canceled) {
		t.Errorf("Open with an ended context: %v, want context.Canceled", err)
	}
}

func TestValidateReportsEverything(t *testing.T) {
	err := natslog.Config{Stream: "a.b", Worker: "w*", Batch: -1, Heartbeat: time.Nanosecond}.Validate()
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok || len(joined.Unwrap()) != 5 {
		t.Errorf("Validate = %v, want five problems", err)
	}
}

// restricted runs a server with a user "all" who may do everything, and a user "some" who may not do what is denied.
func restricted(t *testing.T, deniedPublish, deniedSubscribe []string) string {
	t.Helper()
	opts := &server.Options{
		Host: "127.0.0.1", Port: -1, JetStream: true, StoreDir: t.TempDir(), NoLog: true, NoSigs: true,
		Users: []*server.User{
			{Username: "all", Password: "all"},
			{Username: "some", Password: "some", Permissions: &server.Permissions{
				Publish:   &server.SubjectPermission{Deny: deniedPublish},
				Subscribe: &server.SubjectPermission{Deny: deniedSubscribe},
			}},
		},
	}
	srv, err := server.NewServer(opts)
	if err != nil {
		t.Fatal(err)
	}
	srv.Start()
	t.Cleanup(func() {
		srv.Shutdown()
		srv.WaitForShutdown()
	})
	if !srv.ReadyForConnections(10 * time.Second) {
		t.Fatal("the server is not ready")
	}
	return srv.ClientURL()
}

func TestDeniedRequestsFailAtOnce(t *testing.T) {
	tests := []struct {
		name      string
		publish   []string
		subscribe []string
		open      bool // whether Open works
	}{
		{name: "stream info", publish: []string{"$JS.API.STREAM.INFO.>"}},
		{name: "inbox", subscribe: []string{"_INBOX.>"}},
		{name: "consumer create", publish: []string{"$JS.API.CONSUMER.CREATE.>"}, open: true},
		{name: "pull", publish: []string{"$JS.API.CONSUMER.MSG.NEXT.>"}, open: true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			url := restricted(t, test.publish, test.subscribe)
			admin := embeddedtest.Connect(t, url, nats.UserInfo("all", "all"))
			js, err := jetstream.New(admin)
			if err != nil {
				t.Fatal(err)
			}
			s := (&streams{url: url, nc: admin, js: js}).create(t, nil)
			s.publish(t, 3)
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			err = readAs(ctx, t, s, test.open)
			if denied, ok := errors.AsType[*natslog.PermissionError](err); !ok || denied.Denied == "" {
				t.Errorf("got %v, want *PermissionError", err)
			}
			if ctx.Err() != nil {
				t.Error("the denial was found by waiting")
			}
		})
	}
}

// readAs opens and reads as the user "some" and returns the first error.
func readAs(ctx context.Context, t *testing.T, s *stream, canOpen bool) error {
	t.Helper()
	l, err := natslog.Open(ctx, natslog.Config{
		URL: s.url, Options: []nats.Option{nats.UserInfo("some", "some")}, Stream: s.name, RequestTimeout: time.Minute,
	})
	if err != nil {
		if canOpen {
			t.Errorf("Open: %v", err)
		}
		return err
	}
	defer l.Close()
	if !canOpen {
		t.Error("Open worked")
	}
	c, err := l.Read(ctx, 1, 0)
	if err != nil {
		return err
	}
	defer c.Close()
	if _, err = c.Next(ctx); !errors.Is(err, eventlog.ErrCursorLost) {
		t.Errorf("Next: %v, want ErrCursorLost", err)
	}
	return err
}

func TestDeniedListIsAWarning(t *testing.T) {
	url := restricted(t, []string{"$JS.API.CONSUMER.LIST.>"}, nil)
	admin := embeddedtest.Connect(t, url, nats.UserInfo("all", "all"))
	js, err := jetstream.New(admin)
	if err != nil {
		t.Fatal(err)
	}
	s := (&streams{url: url, nc: admin, js: js}).create(t, nil)
	l := s.open(t, func(cfg *natslog.Config) {
		cfg.Options = []nats.Option{nats.UserInfo("some", "some")}
		cfg.RequestTimeout = time.Minute
	})
	if got := l.Warnings(); len(got) != 1 {
		t.Errorf("Warnings %q, want one about the consumers of earlier runs", got)
	}
}
