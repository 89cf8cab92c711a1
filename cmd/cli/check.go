package cli

import (
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"net/url"
	"strconv"
	"strings"

	"github.com/thecowboyai/cim-projector/engine"
	"github.com/thecowboyai/cim-projector/eventlog/embedded"
)

func checkName(text string) error {
	if !engine.NamePattern.MatchString(text) {
		return fmt.Errorf("%q is not a name; use up to 128 letters, digits, - and _, the first a letter or digit", text)
	}
	return nil
}

func checkStream(text string) error {
	if text == "" || strings.ContainsAny(text, " \t\r\n.*>/\\") {
		return fmt.Errorf("%q is not the name of a stream; it must not be empty nor hold spaces, dots, wildcards or slashes", text)
	}
	return nil
}

// checkNotSeed keeps a secret that was given in place of a file's path out of messages.
func checkNotSeed(text string) error {
	if strings.HasPrefix(text, "SU") && len(text) == 58 {
		return errors.New("this is a seed; give the path of a file that holds it")
	}
	return nil
}

func checkListen(text string) error {
	_, _, err := parseListen(text)
	return err
}

// parseListen reads HOST:PORT, with an empty host for the loopback address, and port 0 for any that is free.
func parseListen(text string) (host string, port int, err error) {
	host, digits, err := net.SplitHostPort(text)
	if err == nil {
		port, err = strconv.Atoi(digits)
	}
	if err != nil || port < 0 || port > 65535 {
		return "", 0, fmt.Errorf("%q is not an address; use a form such as 127.0.0.1:4222", text)
	}
	if host == "" {
		host = "127.0.0.1"
	}
	if port == 0 {
		port = embedded.FreePort
	}
	return host, port, nil
}

func checkLevel(text string) error {
	_, err := parseLevel(text)
	return err
}

func parseLevel(text string) (slog.Level, error) {
	switch strings.ToLower(text) {
	case "debug":
		return slog.LevelDebug, nil
	case "info":
		return slog.LevelInfo, nil
	case "warn":
		return slog.LevelWarn, nil
	case "error":
		return slog.LevelError, nil
	}
	return 0, fmt.Errorf("%q is not a level; use debug, info, warn or error", text)
}

func checkSize(text string) error {
	_, err := parseSize(text)
	return err
}

// units are the factors of sizes; the longer names come first.
var units = []struct {
	name   string
	factor int
}{
	{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"B", 1}, {"", 1},
}

// parseSize reads a number of bytes such as 256MiB.
func parseSize(text string) (int, error) {
	for _, u := range units {
		digits, ok := strings.CutSuffix(text, u.name)
		if !ok {
			continue
		}
		n, err := strconv.Atoi(strings.TrimSpace(digits))
		if err != nil || n < 1 || n > math.MaxInt/u.factor {
			break
		}
		return n * u.factor, nil
	}
	return 0, fmt.Errorf("%q is not a size; use a form such as 256MiB", text)
}

func checkBool(text string) error {
	if _, err := strconv.ParseBool(text); err != nil {
		return fmt.Errorf("%q is neither true nor false", text)
	}
	return nil
}

// maskURLs hides passwords and tokens in a list of URLs with commas between.
func maskURLs(text string) string {
	parts := strings.Split(text, ",")
	for i, part := range parts {
		parts[i] = maskURL(strings.TrimSpace(part))
	}
	return strings.Join(parts, ",")
}

func maskURL(text string) string {
	whole := text
	if !strings.Contains(whole, "://") {
		whole = "nats://" + whole
	}
	u, err := url.Parse(whole)
	switch {
	case err != nil && strings.Contains(text, "@"):
		return "xxxxx" + text[strings.LastIndex(text, "@"):]
	case err != nil || u.User == nil:
		return text
	}
	if _, ok := u.User.Password(); ok {
		u.User = url.UserPassword(u.User.Username(), "xxxxx")
	} else {
		u.User = url.User("xxxxx") // a user without a password is a token
	}
	return u.String()
}
