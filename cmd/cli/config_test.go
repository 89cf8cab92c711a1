package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/thecowboyai/cim-projector/cmd/cli"
)

type shown struct{ Name, Value, Source string }

// settings runs config --json and returns what it shows.
func (l line) settings(t *testing.T, args ...string) map[string]shown {
	t.Helper()
	doc := decode[struct{ Settings []shown }](t, l.ok(t, append([]string{"config", "--json"}, args...)...))
	out := map[string]shown{}
	for _, s := range doc.Settings {
		out[s.Name] = s
	}
	return out
}

func writeConfig(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "projector.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestConfigDefaults(t *testing.T) {
	golden(t, "config.txt", line{}.ok(t, "config"))
}

func TestConfigPrecedence(t *testing.T) {
	file := writeConfig(t, "stream: FILE\nname: file\nstrict: true\nmemory: 1GiB # much\n")
	for _, c := range []struct {
		name string
		env  map[string]string
		args []string
		want shown
	}{
		{"default", nil, nil, shown{"stream", "CIM_EVENTS", "default"}},
		{"file", nil, []string{"--config", file}, shown{"stream", "FILE", file + ":1"}},
		{"file named by the environment", map[string]string{"PROJECTOR_CONFIG": file}, nil, shown{"name", "file", file + ":2"}},
		{"flag in a file", nil, []string{"--config", file}, shown{"strict", "true", file + ":3"}},
		{"comment in a file", nil, []string{"--config", file}, shown{"memory", "1GiB", file + ":4"}},
		{"environment over file", map[string]string{"PROJECTOR_STREAM": "ENV"}, []string{"--config", file},
			shown{"stream", "ENV", "PROJECTOR_STREAM"}},
		{"empty variable is none", map[string]string{"PROJECTOR_STREAM": ""}, []string{"--config", file},
			shown{"stream", "FILE", file + ":1"}},
		{"flag over all", map[string]string{"PROJECTOR_STREAM": "ENV"}, []string{"--config", file, "--stream", "FLAG"},
			shown{"stream", "FLAG", "--stream"}},
		{"flag that takes a setting back", nil, []string{"--config", file, "--strict=false"}, shown{"strict", "false", "--strict"}},
		{"variable of NATS", map[string]string{"NATS_URL": "nats://n"}, nil, shown{"nats", "nats://n", "NATS_URL"}},
		{"our variable before that of NATS", map[string]string{"NATS_URL": "nats://n", "PROJECTOR_NATS": "nats://p"}, nil,
			shown{"nats", "nats://p", "PROJECTOR_NATS"}},
		{"certificate", map[string]string{"NATS_CERT": "c.pem"}, nil, shown{"tlscert", "c.pem", "NATS_CERT"}},
		{"schedule from the environment", map[string]string{"PROJECTOR_SNAPSHOT_EVERY": "1000"}, nil,
			shown{"snapshot-every", "1000", "PROJECTOR_SNAPSHOT_EVERY"}},
		{"name with a dash", map[string]string{"PROJECTOR_ACCEPT_GAP": "true"}, nil, shown{"accept-gap", "true", "PROJECTOR_ACCEPT_GAP"}},
		{"nearer URL sets a context aside", map[string]string{"NATS_CONTEXT": "prod"}, []string{"--nats", "nats://n"},
			shown{"context", "", "set aside: --nats"}},
		{"nearer context sets a URL aside", map[string]string{"NATS_URL": "nats://n"}, []string{"--context", "prod"},
			shown{"nats", "", "set aside: --context"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := (line{env: c.env}).settings(t, c.args...)[c.want.Name]; got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestConfigNeverShowsSecrets(t *testing.T) {
	for given, want := range map[string]string{
		"nats://user:secret@host:4222":                  "nats://user:xxxxx@host:4222",
		"user:secret@host":                              "nats://user:xxxxx@host",
		"nats://secret@host:4222":                       "nats://xxxxx@host:4222",
		"nats://a:secret@one,tls://b:secret@two:4222":   "nats://a:xxxxx@one,tls://b:xxxxx@two:4222",
		"nats://user:se%zzcret-secret@host":             "xxxxx@host",
		"nats://host:4222,nats://[::1]:4222, localhost": "nats://host:4222,nats://[::1]:4222,localhost",
	} {
		if got := (line{}).settings(t, "--nats", given)["nats"].Value; got != want || strings.Contains(got, "secret") {
			t.Errorf("%s is shown as %s, want %s", given, got, want)
		}
	}
	got := line{}.refused(t, cli.StatusFailed, "status", "--nats", "nats://user:secret@127.0.0.1:1")
	if strings.Contains(got, "secret") {
		t.Errorf("the error shows the password: %q", got)
	}
}

func TestConfigFileIsRefused(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"unknown key", "stream: A\nstreem: B\n", `line 2: there is no setting "streem"; see: projector config`},
		{"key of a command line only", "json: true\n", `line 1: there is no setting "json"; see: projector config`},
		{"list", "\nstream:\n  - A\n", `line 2: stream takes one value`},
		{"nesting", "nats:\n  url: x\n", `line 1: nats takes one value`},
		{"no mapping", "- stream\n", `line 1: expected settings such as "stream: CIM_EVENTS"`},
		{"duplicate", "name: a\nname: b\n", `line 2: mapping key "name" already defined at [1:1]`},
		{"not YAML", "stream: \"A\n", `line 1: `},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := writeConfig(t, c.text)
			got := line{}.refused(t, cli.StatusUsage, "config", "--config", path)
			if !strings.HasPrefix(got, path+": "+c.want) {
				t.Errorf("got  %q\nwant %q", got, path+": "+c.want)
			}
		})
	}
	path := writeConfig(t, "memory: lots\n")
	want := `memory (from ` + path + `:1): "lots" is not a size; use a form such as 256MiB`
	if got := (line{}).refused(t, cli.StatusUsage, "run", "--config", path); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestConfigFileMayBeEmpty(t *testing.T) {
	for _, text := range []string{"", "# nothing\n", "---\n", "stream:\n"} {
		if got := (line{}).settings(t, "--config", writeConfig(t, text))["stream"].Source; got != "default" {
			t.Errorf("%q: the stream comes from %s", text, got)
		}
	}
}
