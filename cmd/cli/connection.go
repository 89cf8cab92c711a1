package cli

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/synadia-io/orbit.go/natscontext"

	"github.com/thecowboyai/cim-projector/eventlog/embedded"
)

// connectTimeout bounds how long a server may take to answer the first time.
const connectTimeout = 3 * time.Second

// reconnectWait is how long to wait between two attempts to reach a server again.
const reconnectWait = 250 * time.Millisecond

// external tells whether a NATS of the user's own was named, in any way.
func (s *settings) external() bool {
	for _, one := range connectionSettings {
		if s.text(one.name) != "" {
			return true
		}
	}
	return false
}

// serverURL is the server to connect to, where no context is named: the one that a worker on this machine listens on, unless
// another is named.
func (s *settings) serverURL() string {
	if url := s.text("nats"); url != "" {
		return url
	}
	host, port, err := parseListen(s.text("listen"))
	if err != nil || port == embedded.FreePort {
		return nats.DefaultURL
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "nats://" + net.JoinHostPort(host, strconv.Itoa(port))
}

// natsOptions are what the settings say about the connection besides where it goes.
func (s *settings) natsOptions() ([]nats.Option, error) {
	var out []nats.Option
	if path := s.text("creds"); path != "" {
		out = append(out, nats.UserCredentials(path))
	}
	if path := s.text("nkey"); path != "" {
		key, err := nats.NkeyOptionFromSeed(path)
		if err != nil {
			return nil, wrongUsage("the nkey in %s cannot be used: %w", path, err)
		}
		out = append(out, key)
	}
	if path := s.text("tlsca"); path != "" {
		out = append(out, nats.RootCAs(path))
	}
	cert, key := s.text("tlscert"), s.text("tlskey")
	switch {
	case cert != "" && key != "":
		out = append(out, nats.ClientCert(cert, key))
	case cert != "" || key != "":
		return nil, wrongUsage("tlscert and tlskey belong together: give both")
	}
	return out, nil
}

// connect connects as the settings say. label names the connection at the server.
func (s *settings) connect(label string, more ...nats.Option) (*nats.Conn, error) {
	options, err := s.natsOptions()
	if err != nil {
		return nil, err
	}
	options = append(options, nats.Name(label), nats.Timeout(connectTimeout))
	options = append(options, more...)
	if name := s.text("context"); name != "" {
		if strings.ContainsRune(name, os.PathSeparator) {
			if name, err = filepath.Abs(name); err != nil {
				return nil, err
			}
		}
		nc, _, err := natscontext.Connect(name, options...)
		if err != nil {
			return nil, unreachable("the NATS context "+strconv.Quote(name), err)
		}
		return nc, nil
	}
	url := s.serverURL()
	nc, err := nats.Connect(url, options...)
	if err != nil {
		return nil, unreachable(maskURLs(url), err)
	}
	return nc, nil
}

// unreachable says what can be done about a connection that does not come about.
func unreachable(where string, err error) error {
	if errors.Is(err, nats.ErrNoServers) {
		return failed("no NATS server answers at %s; start a worker with: projector run, or name the server with --nats", where)
	}
	if errors.Is(err, nats.ErrAuthorization) {
		return failed("the NATS server at %s refuses this user; name credentials with --creds, --nkey or --context", where)
	}
	return fmt.Errorf("connect to %s: %w", where, err)
}
