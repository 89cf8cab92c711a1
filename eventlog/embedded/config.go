package embedded

import (
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// Defaults of Config.
const (
	DefaultHost         = "127.0.0.1"
	DefaultPort         = 4222
	DefaultSyncInterval = 2 * time.Second
	FreePort            = -1
)

// Config describes a server. Only Dir must be set.
type Config struct {
	Dir          string        // where JetStream stores; made where it is missing
	Host         string        // the address to listen on; "" = DefaultHost
	Port         int           // 0 = DefaultPort, FreePort = any free one
	Name         string        // the server's name; "" = one of its own making
	Domain       string        // the JetStream domain; "" = none
	SyncInterval time.Duration // how often written data is synced to the disk; 0 = DefaultSyncInterval
	SyncAlways   bool          // sync before each acknowledgement
	Logger       *slog.Logger  // nil = nothing is logged
}

// Validate returns everything that is wrong with the configuration.
func (c Config) Validate() error {
	var problems []error
	if c.Dir == "" {
		problems = append(problems, errors.New("embedded: no directory; set Dir to where the streams are to be stored"))
	}
	if c.Port < FreePort || c.Port > math.MaxUint16 {
		problems = append(problems, fmt.Errorf("embedded: port %d does not exist; choose 1 to 65535, or -1 for a free one", c.Port))
	}
	if c.SyncInterval < 0 {
		problems = append(problems, fmt.Errorf("embedded: sync interval %s is negative; choose one above zero", c.SyncInterval))
	}
	return errors.Join(problems...)
}

// withDefaults fills in what the zero value stands for.
func (c Config) withDefaults() Config {
	if c.Host == "" {
		c.Host = DefaultHost
	}
	if c.Port == 0 {
		c.Port = DefaultPort
	}
	if c.SyncInterval == 0 {
		c.SyncInterval = DefaultSyncInterval
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

// options are the server's own. The store's limit is out of reach, as the default would be three quarters of the disk's
// free space at the start.
func (c Config) options() *server.Options {
	return &server.Options{
		ServerName:             c.Name,
		Host:                   c.Host,
		Port:                   c.Port,
		JetStream:              true,
		JetStreamDomain:        c.Domain,
		JetStreamMaxStore:      math.MaxInt64 / 2,
		StoreDir:               c.Dir,
		SyncInterval:           c.SyncInterval,
		SyncAlways:             c.SyncAlways,
		NoSigs:                 true,
		DisableJetStreamBanner: true,
	}
}

// address is host and port as asked for.
func (c Config) address() string {
	if c.Port == FreePort {
		return net.JoinHostPort(c.Host, "(any)")
	}
	return net.JoinHostPort(c.Host, fmt.Sprint(c.Port))
}
