package cli_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/thecowboyai/cim-projector/cmd/cli"
	"github.com/thecowboyai/cim-projector/engine"
)

func TestExportAndImport(t *testing.T) {
	l := startTimeline(t)
	const nodes = 300
	line{env: l.env, stdin: incompressible(seeded(t), nodes)}.ok(t, "publish", "-")
	l.ok(t, "query", "graph.list", "--min-seq", strconv.Itoa(nodes), "--timeout", "30s")
	then := l.answers(t)
	made := decode[manifest](t, l.ok(t, "snapshot", "create", "one", "--keep", "1d", "--json"))
	dir := t.TempDir()
	file := filepath.Join(dir, "one.tar")
	out := decode[struct {
		Name, File string
		Bytes      int64
	}](t, l.ok(t, "snapshot", "export", "one", file, "--json"))
	info, err := os.Stat(file)
	if err != nil || out.Name != "one" || out.File != file || out.Bytes != info.Size() || info.Size() < 3*512<<10 { // several pieces
		t.Fatalf("export: got %+v, %v", out, err)
	}
	if again := l.ok(t, "snapshot", "export", "one", "-"); again != string(contents(t, file)) {
		t.Error("the same snapshot gives other bytes")
	}

	l.ok(t, "snapshot", "rm", "one")
	back := decode[manifest](t, l.ok(t, "snapshot", "import", file, "--json"))
	if back.Digest != made.Digest || back.StreamSequence != made.StreamSequence || back.Keep != "" || back.State != "complete" {
		t.Errorf("import: got %+v\nwant %+v", back, made)
	}
	piped := line{env: l.env, stdin: string(contents(t, file))}
	if got := decode[manifest](t, piped.ok(t, "snapshot", "import", "-", "--as", "two", "--json")); got.Name != "two" || got.Digest != made.Digest {
		t.Errorf("import --as: got %+v", got)
	}
	l.ok(t, "snapshot", "import", file) // it is there, and the same
	l.restored(t, "one", "--verify")
	if diff := cmp.Diff(then, l.answers(t)); diff != "" {
		t.Errorf("the restored models do not answer as they did (-then +now):\n%s", diff)
	}

	other := startTimeline(t) // of another stream
	other.ok(t, "snapshot", "import", file)
	if v := decode[engine.SnapshotVerification](t, other.ok(t, "snapshot", "verify", "one", "--json")); !v.OK || v.Digest != made.Digest {
		t.Errorf("elsewhere: got %+v", v)
	}
	other.refused(t, cli.StatusRefused, "restore", "one")

	l.stop()
	offline := []string{"--offline", "--data", l.data, "--json"}
	line{}.ok(t, append([]string{"snapshot", "export", "two", filepath.Join(dir, "two.tar")}, offline...)...)
	got := decode[manifest](t, line{}.ok(t, append([]string{"snapshot", "import", filepath.Join(dir, "two.tar"), "--as", "three"}, offline...)...))
	if got.Name != "three" || got.Digest != made.Digest {
		t.Errorf("offline: got %+v", got)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 2 {
		t.Errorf("what is left beside the files: %v, %v", left, err)
	}
}

// incompressible makes lines that create nodes with much in them.
func incompressible(random *rand.Rand, nodes int) string {
	var out strings.Builder
	for i := range nodes {
		text := make([]byte, 4000)
		for j := range text {
			text[j] = byte(random.Uint32())
		}
		fmt.Fprintf(&out, `{"event_id":"b%d","event_type":"node_created","aggregate_type":"Graph","aggregate_id":"g","payload":`+
			`{"graph_id":"g","node_id":"n%d","node_type":{"Concept":{}},"metadata":{"text":%q}}}`+"\n", i, i, base64.StdEncoding.EncodeToString(text))
	}
	return out.String()
}

func contents(t *testing.T, file string) []byte {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestExportsAndImportsAreRefused(t *testing.T) {
	l := startTimeline(t)
	l.play(t, 4)
	l.ok(t, "snapshot", "create", "one")
	l.play(t, 5)
	l.ok(t, "snapshot", "create", "two")
	dir := t.TempDir()
	file := filepath.Join(dir, "one.tar")
	l.ok(t, "snapshot", "export", "one", file)
	whole := contents(t, file)
	write := func(name string, raw []byte) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	flipped := bytes.Clone(whole)
	flipped[len(flipped)/2] ^= 1
	for _, c := range []struct {
		name, want string
		status     int
		args       []string
	}{
		{"a file that is there", file + " exists; name another file, or overwrite it with --force", cli.StatusRefused,
			[]string{"export", "two", file}},
		{"no snapshot", "no such snapshot: none", cli.StatusNotFound, []string{"export", "none", filepath.Join(dir, "none.tar")}},
		{"no folder", "no such file or directory", cli.StatusFailed, []string{"export", "one", filepath.Join(dir, "none", "one.tar")}},
		{"no name", "is not a name of a snapshot", cli.StatusUsage, []string{"export", "../one", file}},
		{"no file", "there is no file", cli.StatusNotFound, []string{"import", filepath.Join(dir, "none.tar")}},
		{"a name that is used", "a snapshot of this name exists", cli.StatusRefused, []string{"import", file, "--as", "two"}},
		{"no name for it", "is not a name of a snapshot", cli.StatusUsage, []string{"import", file, "--as", "a b"}},
		{"text", "it is not an exported snapshot", cli.StatusRefused, []string{"import", write("text", []byte(strings.Repeat("x", 4000)))}},
		{"nothing", "it is not an exported snapshot", cli.StatusRefused, []string{"import", write("empty", nil)}},
		{"half", "", cli.StatusRefused, []string{"import", write("half", whole[:len(whole)/2])}},
		{"a flipped bit", "", cli.StatusRefused, []string{"import", write("flipped", flipped), "--as", "flipped"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := l.refused(t, c.status, append([]string{"snapshot"}, c.args...)...); !strings.Contains(got, c.want) {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
	l.ok(t, "snapshot", "export", "two", file, "--force")
	if got := l.names(t); got != "one two" {
		t.Errorf("what is refused changes nothing: got %s", got)
	}
	if _, err := os.Stat(filepath.Join(dir, "none.tar")); err == nil {
		t.Error("a file was left by an export that failed")
	}
}
