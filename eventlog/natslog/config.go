package natslog

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nuid"
)

// Defaults and limits of Config.
const (
	DefaultBatch          = 5000
	DefaultMaxBytes       = 32 << 20
	DefaultHeartbeat      = 2 * time.Second
	DefaultRequestTimeout = 5 * time.Second

	minHeartbeat = 100 * time.Millisecond
	maxHeartbeat = pullExpiry / 2
)

// A pull request ends after pullExpiry, and a consumer without one after inactiveThreshold: together they are how long a
// consumer can outlive its reader, where the server does not notice at once that the connection is gone.
const (
	pullExpiry        = 8 * time.Second
	inactiveThreshold = 20 * time.Second
)

// processIncarnation names this run of the process.
var processIncarnation = nuid.Next()

// Config says which stream to read, and how. Stream and one of Conn and URL must be set.
type Config struct {
	// Conn is a connection of the caller's, who closes it. What the server denies is then the caller's to notice: see URL.
	Conn *nats.Conn

	// URL is the server to connect to; the log owns the connection and keeps up reconnecting. Requests that the server
	// denies fail at once, as a *PermissionError; with Conn they only time out.
	URL     string
	Options []nats.Option // for URL: credentials, TLS, and what else the connection needs

	Stream string // the stream's name
	Domain string // the JetStream domain; "" = the server's own

	// Worker names the consumers, and marks those that an earlier run of the same worker left behind: Open removes them. Two
	// processes at a time must not use one name. "" = a name of no meaning; nothing is removed.
	Worker string

	// Incarnation tells runs of one worker apart. "" = one per process, which is right for everything but tests.
	Incarnation string

	Batch          int           // messages per pull request, of which two overlap; 0 = DefaultBatch
	MaxBytes       int           // of unread messages that a cursor may hold; 0 = DefaultMaxBytes
	Heartbeat      time.Duration // how often the server shows that a waiting request is alive; 0 = DefaultHeartbeat
	RequestTimeout time.Duration // after which an unanswered request is unavailable; 0 = DefaultRequestTimeout
	Logger         *slog.Logger  // nil = nothing is logged
}

// Validate returns everything that is wrong with the configuration.
func (c Config) Validate() error {
	var problems []error
	refuse := func(format string, args ...any) {
		problems = append(problems, fmt.Errorf("natslog: "+format, args...))
	}
	if (c.Conn == nil) == (c.URL == "") {
		refuse("set either Conn or URL")
	}
	if c.Conn != nil && len(c.Options) > 0 {
		refuse("Options belong to URL; give them to whoever made Conn")
	}
	if c.Stream == "" || strings.ContainsAny(c.Stream, " \t\r\n.*>/\\") {
		refuse("stream name %q is not one; it must not be empty nor hold spaces, dots, wildcards or slashes", c.Stream)
	}
	for what, name := range map[string]string{"worker": c.Worker, "incarnation": c.Incarnation, "domain": c.Domain} {
		if !isName(name) {
			refuse("%s name %q has characters other than letters, digits, - and _", what, name)
		}
	}
	if c.Batch < 0 || c.MaxBytes < 0 || c.RequestTimeout < 0 {
		refuse("batch %d, max bytes %d and request timeout %s must not be negative", c.Batch, c.MaxBytes, c.RequestTimeout)
	}
	if c.Heartbeat != 0 && (c.Heartbeat < minHeartbeat || c.Heartbeat > maxHeartbeat) {
		refuse("heartbeat %s is out of range; choose %s to %s", c.Heartbeat, minHeartbeat, maxHeartbeat)
	}
	return errors.Join(problems...)
}

// withDefaults fills in what the zero value stands for.
func (c Config) withDefaults() Config {
	if c.Incarnation == "" {
		c.Incarnation = processIncarnation
	}
	if c.Batch == 0 {
		c.Batch = DefaultBatch
	}
	if c.MaxBytes == 0 {
		c.MaxBytes = DefaultMaxBytes
	}
	if c.Heartbeat == 0 {
		c.Heartbeat = DefaultHeartbeat
	}
	if c.RequestTimeout == 0 {
		c.RequestTimeout = DefaultRequestTimeout
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

// isName tells whether text can be part of a consumer's name.
func isName(text string) bool {
	for _, r := range text {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_':
		default:
			return false
		}
	}
	return true
}
