package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/pflag"
)

// setting is one thing that can be set by a flag, in the environment, or in a file.
type setting struct {
	name    string // of the flag, and of the key in the file
	env     string // NATS's own variable, "" for none; PROJECTOR_<NAME> goes before it
	initial string // the default
	usage   string // with the kind of its value between backquotes
	flag    bool   // true or false
	url     bool   // may hold a password
	check   func(string) error
}

// The groups of settings. A command takes those that it acts on.
var (
	connectionSettings = []setting{
		{name: "nats", env: "NATS_URL", url: true, usage: "the `URL` of the NATS server, or several with commas between"},
		{name: "context", env: "NATS_CONTEXT", usage: "the `NAME` of a context of the nats command line, or the path of its file"},
		{name: "creds", env: "NATS_CREDS", usage: "the `FILE` with the user's credentials"},
		{name: "nkey", env: "NATS_NKEY", usage: "the `FILE` with the user's nkey seed", check: checkNotSeed},
		{name: "tlsca", env: "NATS_CA", usage: "the `FILE` with the certificate authorities to trust"},
		{name: "tlscert", env: "NATS_CERT", usage: "the `FILE` with the client's certificate"},
		{name: "tlskey", env: "NATS_KEY", usage: "the `FILE` with the client's private key"},
	}
	nameSettings = []setting{
		{name: "name", initial: "default", usage: "the `NAME` of the worker", check: checkName},
	}
	streamSettings = []setting{
		{name: "stream", initial: "CIM_EVENTS", usage: "the `NAME` of the stream of events", check: checkStream},
	}
	dataSettings = []setting{
		{name: "data", initial: "./projector-data", usage: "the `DIR` that the worker keeps everything in"},
	}
	listenSettings = []setting{
		{name: "listen", initial: "127.0.0.1:4222", usage: "the `ADDRESS` of the worker's own NATS server", check: checkListen},
	}
	mappingSettings = []setting{
		{name: "mapping", usage: "the `FILE` of subjects that CIM's producers do not have, in YAML"},
	}
	workerSettings = []setting{
		{name: "memory", initial: "256MiB", usage: "the `SIZE` of the memory budget for events and rows", check: checkSize},
		{name: "accept-gap", initial: "false", flag: true, usage: "go on over events that the stream no longer holds"},
		{name: "strict", initial: "false", flag: true, usage: "stop where the history can no longer be proved"},
	}
	logSettings = []setting{
		{name: "log-level", initial: "info", usage: "the `LEVEL` of what is logged: debug, info, warn, error", check: checkLevel},
	}
)

// allSettings is every setting there is, in the order in which they are shown.
func allSettings() []setting {
	return join(connectionSettings, nameSettings, streamSettings, dataSettings, listenSettings, workerSettings, mappingSettings,
		scheduleSettings, shelfSettings, logSettings)
}

func join(groups ...[]setting) []setting {
	var out []setting
	for _, g := range groups {
		out = append(out, g...)
	}
	return out
}

// variable is the name in the environment.
func (s *setting) variable() string {
	return "PROJECTOR_" + strings.ToUpper(strings.ReplaceAll(s.name, "-", "_"))
}

// configFlag names the file that settings may stand in.
const configFlag = "config"

// addSettings gives a command the flags of settings, and the one that names a file of them.
func addSettings(flags *pflag.FlagSet, settings []setting) {
	for _, s := range settings {
		usage := s.usage + " [" + s.variable()
		if s.env != "" {
			usage += ", " + s.env
		}
		usage += "]"
		if s.flag {
			flags.Bool(s.name, s.initial == "true", usage)
		} else {
			flags.String(s.name, s.initial, usage)
		}
	}
	flags.String(configFlag, "", "the `FILE` of settings, in YAML [PROJECTOR_CONFIG]")
}

// value is what a setting is set to.
type value struct {
	setting setting
	text    string
	source  string // such as "--nats", "NATS_URL", "projector.yaml:3", "default"
	level   level
}

// level is how near to the user a source is: of two settings that exclude each other, the nearer counts.
type level int

const (
	byDefault level = iota
	byFile
	byEnvironment
	byFlag
)

// problem says that a value is wrong, and where it comes from.
func (v *value) problem(err error) error {
	return fmt.Errorf("%s (from %s): %w", v.setting.name, v.source, err)
}

// shown is the value for people: without passwords.
func (v *value) shown() string {
	if v.setting.url {
		return maskURLs(v.text)
	}
	return v.text
}
