package cli_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/thecowboyai/cim-projector/engine"
)

// shared is where the histories are that are not this package's own; see the README there.
var shared = filepath.Join("..", "..", "testdata")

// TestVectors publishes what CIM's own serializers wrote, as their own publishers do, and asks for what was worked out by hand.
func TestVectors(t *testing.T) {
	w := startOwn(t)
	l := line{env: map[string]string{"NATS_URL": w.url}}
	stored := decode[struct{ Stored, Duplicates int }](t, l.ok(t, "publish", "--json", filepath.Join(shared, "vectors", "events.jsonl")))
	if stored.Stored != 43 || stored.Duplicates != 0 {
		t.Fatalf("published: got %+v, want 43 stored", stored)
	}
	text, err := os.ReadFile(filepath.Join(shared, "vectors", "want.json"))
	if err != nil {
		t.Fatal(err)
	}
	questions := decode[[]struct {
		Query  string
		Params json.RawMessage
		Want   any
	}](t, string(text))
	for _, q := range questions {
		got := decode[struct{ Data any }](t, l.ask(t, q.Query, q.Params, 43))
		if at := missing(q.Want, got.Data, ""); at != "" {
			t.Errorf("%s %s: %s\nall of it: %v", q.Query, q.Params, at, got.Data)
		}
	}
	for _, p := range decode[engine.Verification](t, l.ok(t, "verify", "--json")).Projections {
		if !p.OK || p.Sequence != 43 {
			t.Errorf("verify: got %+v", p)
		}
	}
}

// ask asks a running worker, once its models hold an event, and returns the answer as JSON.
func (l line) ask(t *testing.T, query string, params json.RawMessage, seq uint64) string {
	t.Helper()
	if params == nil {
		params = json.RawMessage("{}")
	}
	return l.ok(t, "query", "--json", "--min-seq", fmt.Sprint(seq), query, string(params))
}

// missing says where got does not hold what is wanted: objects may have more members, lists no more items.
func missing(want, got any, at string) string {
	switch want := want.(type) {
	case map[string]any:
		object, ok := got.(map[string]any)
		if !ok {
			break
		}
		for _, name := range slices.Sorted(maps.Keys(want)) {
			value, ok := object[name]
			if !ok {
				return fmt.Sprintf("%s.%s is absent", at, name)
			}
			if found := missing(want[name], value, at+"."+name); found != "" {
				return found
			}
		}
		return ""
	case []any:
		list, ok := got.([]any)
		if !ok || len(list) != len(want) {
			break
		}
		for i := range want {
			if found := missing(want[i], list[i], fmt.Sprintf("%s[%d]", at, i)); found != "" {
				return found
			}
		}
		return ""
	default:
		if !isComposed(got) && want == got {
			return ""
		}
	}
	return fmt.Sprintf("%s is %v, want %v", at, got, want)
}

func isComposed(v any) bool {
	switch v.(type) {
	case map[string]any, []any:
		return true
	}
	return false
}

func TestMissing(t *testing.T) {
	for _, c := range []struct{ want, got, at string }{
		{`{"a":[{"b":1}]}`, `{"a":[{"b":1,"c":2}],"d":3}`, ""},
		{`{"a":null}`, `{}`, ".a is absent"},
		{`{"a":null}`, `{"a":{}}`, ".a is map[], want <nil>"},
		{`{"a":[{"b":1}]}`, `{"a":[{"b":2}]}`, ".a[0].b is 2, want 1"},
		{`[]`, `[1]`, " is [1], want []"},
		{`{}`, `[]`, " is [], want map[]"},
		{`1`, `"1"`, " is 1, want 1"},
	} {
		if got := missing(decode[any](t, c.want), decode[any](t, c.got), ""); got != c.at {
			t.Errorf("missing(%s, %s): got %q, want %q", c.want, c.got, got, c.at)
		}
	}
}
