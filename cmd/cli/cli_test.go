package cli_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/thecowboyai/cim-projector/cmd/cli"
)

func TestEveryCommandHasAnExample(t *testing.T) {
	var visit func(c *cobra.Command)
	visit = func(c *cobra.Command) {
		if c.Example == "" || c.Short == "" {
			t.Errorf("%s has no example or no description", c.CommandPath())
		}
		if !strings.Contains(c.Example, "projector "+strings.TrimPrefix(strings.TrimPrefix(c.CommandPath(), "projector"), " ")) {
			t.Errorf("the example of %s does not show it: %q", c.CommandPath(), c.Example)
		}
		for _, sub := range c.Commands() {
			visit(sub)
		}
	}
	visit(cli.New(cli.Options{}))
}

func TestHelp(t *testing.T) {
	root := cli.New(cli.Options{})
	golden(t, "help.txt", line{}.ok(t, "--help"))
	for _, c := range root.Commands() {
		golden(t, "help-"+c.Name()+".txt", line{}.ok(t, c.Name(), "--help"))
		if c.Name() != "snapshot" {
			continue
		}
		for _, sub := range c.Commands() {
			golden(t, "help-snapshot-"+sub.Name()+".txt", line{}.ok(t, "snapshot", sub.Name(), "--help"))
		}
	}
	if (line{}).ok(t, "help", "run") != (line{}).ok(t, "run", "--help") {
		t.Error("help shows another help than --help")
	}
	if (line{}).ok(t) != (line{}).ok(t, "--help") {
		t.Error("without a command the help is shown")
	}
}

func TestVersion(t *testing.T) {
	if got := (line{}).ok(t, "version"); !regexp.MustCompile(`^projector v0\.0\.0-test \(commit \w+, go[\d.]+\S*, \w+/\w+\)\n$`).MatchString(got) {
		t.Errorf("got %q", got)
	}
	got := decode[map[string]string](t, line{}.ok(t, "version", "--json"))
	if got["version"] != "v0.0.0-test" || got["go"] == "" || got["platform"] == "" || got["commit"] == "" {
		t.Errorf("got %v", got)
	}
}

func TestWrongUsage(t *testing.T) {
	for _, c := range []struct {
		name, want string
		args       []string
	}{
		{"unknown command", `there is no command "statu"; did you mean "status"?`, []string{"statu"}},
		{"unknown command without a near one", `there is no command "xyzzy"; see: projector --help`, []string{"xyzzy"}},
		{"help of an unknown command", `there is no command "runn"; did you mean "run"?`, []string{"help", "runn"}},
		{"unknown flag", `unknown flag: --foo; see: projector run --help`, []string{"run", "--foo"}},
		{"flag without value", `flag needs an argument: --data; see: projector run --help`, []string{"run", "--data"}},
		{"argument too many", `projector run takes no argument, and "x" is one; see: projector run --help`, []string{"run", "x"}},
		{"no subject", `the subject of the question is missing; see: projector query --help`, []string{"query"}},
		{"too many questions", `"c" is one argument too many; see: projector query --help`, []string{"query", "a", "b", "c"}},
		{"address", `listen (from --listen): "nonsense" is not an address; use a form such as 127.0.0.1:4222`,
			[]string{"run", "--listen", "nonsense"}},
		{"address of the demo", `listen (from --listen): "nonsense" is not an address; use a form such as 127.0.0.1:4222`,
			[]string{"demo", "--listen", "nonsense"}},
		{"two things at once", `name (from --name): "a b" is not a name; use up to 128 letters, digits, - and _, the first a letter or ` +
			`digit; memory (from --memory): "much" is not a size; use a form such as 256MiB`,
			[]string{"run", "--name", "a b", "--memory", "much"}},
		{"excluding settings", `nats and context (from --nats and --context) exclude each other: give one of them`,
			[]string{"status", "--nats", "nats://a", "--context", "b"}},
		{"half a certificate", `tlscert and tlskey belong together: give both`, []string{"status", "--tlscert", "c.pem"}},
		{"a secret in the place of a path", `nkey (from --nkey): this is a seed; give the path of a file that holds it`,
			[]string{"status", "--nkey", "SU" + strings.Repeat("A", 56)}},
		{"no time", `--timeout must be above zero`, []string{"query", "graph.list", "--timeout", "0s"}},
		{"no interval", `--interval and --timeout must be above zero`, []string{"status", "--interval", "-1s"}},
		{"no file of settings", `the configuration file cannot be read: open nowhere.yaml: no such file or directory`,
			[]string{"config", "--config", "nowhere.yaml"}},
		{"no object", `the parameters are not a JSON object: json: cannot unmarshal array into Go value of type map[string]json.RawMessage`,
			[]string{"query", "graph.list", "[]", "--min-seq", "1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := (line{}).refused(t, cli.StatusUsage, c.args...); got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

func TestNothingToTalkTo(t *testing.T) {
	const nowhere = "nats://127.0.0.1:1"
	for _, args := range [][]string{
		{"status"}, {"query", "graph.list"}, {"verify"}, {"pause"}, {"resume"}, {"publish"},
		{"history", "graph/g"}, {"restore", "a"}, {"snapshot", "create", "a"}, {"snapshot", "ls"}, {"snapshot", "show", "a"},
		{"snapshot", "verify", "a"}, {"snapshot", "rm", "a"}, {"snapshot", "prune"}, {"snapshot", "diff", "a"}, {"run", "--data", t.TempDir()},
	} {
		got := line{stdin: "{}"}.refused(t, cli.StatusFailed, append(args, "--nats", nowhere)...)
		if want := "no NATS server answers at " + nowhere; !strings.HasPrefix(got, want) {
			t.Errorf("%s: got %q, want %q first", args[0], got, want)
		}
	}
	got := line{}.refused(t, cli.StatusNotFound, "verify", "--offline", "--data", filepath.Join(t.TempDir(), "none"))
	if !strings.Contains(got, "nothing was projected into") {
		t.Errorf("got %q", got)
	}
}

func TestVerifyOfflineMakesNothing(t *testing.T) {
	dir := t.TempDir()
	line{}.refused(t, cli.StatusNotFound, "verify", "--offline", "--data", dir)
	found, err := os.ReadDir(dir)
	if err != nil || len(found) > 0 {
		t.Errorf("got %v, %v; want an empty directory", found, err)
	}
}

func TestCompletion(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		if got := (line{}).ok(t, "completion", shell); !strings.Contains(got, "projector") {
			t.Errorf("%s: got %q", shell, got)
		}
	}
	if got := (line{}).run(t.Context(), "__complete", "query", ""); !strings.Contains(got.stdout, "graph.get_node\n") {
		t.Errorf("subjects are not completed: %q", got.stdout)
	}
	if got := (line{}).run(t.Context(), "__complete", "snapshot", ""); !strings.Contains(got.stdout, "create\t") {
		t.Errorf("commands on snapshots are not completed: %q", got.stdout)
	}
	if got := (line{}).run(t.Context(), "__complete", "pause", ""); !strings.Contains(got.stdout, "graph\n") {
		t.Errorf("projections are not completed: %q", got.stdout)
	}
}
