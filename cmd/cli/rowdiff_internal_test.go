package cli

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/thecowboyai/cim-projector/engine"
)

func TestRowsArePrintedByWhatDiffers(t *testing.T) {
	for _, c := range []struct{ name, before, after, want string }{
		{"changed", `{"id":"a","n":1,"same":[1]}`, `{"id":"a","n":2,"same":[1]}`, "p/t/k\n   n  1 → 2\n"},
		{"number with more digits", `{"n":1}`, `{"n":1.0}`, "p/t/k\n   n  1 → 1.0\n"},
		{"below", `{"m":{"x":{"y":"a","z":1}}}`, `{"m":{"x":{"y":"b","z":1}}}`, "p/t/k\n   m.x.y  a → b\n"},
		{"appears and goes", `{"m":{"a":1}}`, `{"m":{"b":2}}`, "p/t/k\n   m.a  1 → -\n   m.b  - → 2\n"},
		{"a point as a whole", `{"position":{"x":0,"y":1,"z":2}}`, `{"position":{"x":3,"y":1,"z":2}}`,
			"p/t/k\n   position  (0, 1, 2) → (3, 1, 2)\n"},
		{"object for nothing", `{"m":null}`, `{"m":{"a":1}}`, "p/t/k\n   m    - → -\n   m.a  - → 1\n"},
		{"an empty text is no missing one", `{"s":""}`, `{"s":null}`, "p/t/k\n   s  \"\" → -\n"},
		{"new", `null`, `{"id":"a","none":null,"text":"","list":[],"more":{},"n":0}`, "p/t/k is new\n   id  a\n   n   0\n"},
		{"gone", `{"id":"a"}`, `null`, "p/t/k is gone\n"},
		{"hostile text", `{"s":"a"}`, `{"s":"b\n\u001b[2J"}`, "p/t/k\n   s  a → b  [2J\n"},
		{"long", `{"s":"a"}`, `{"s":"` + strings.Repeat("x", 100) + `"}`, "p/t/k\n   s  a → " + strings.Repeat("x", 47) + "…\n"},
		{"no object", `1`, `2`, "p/t/k\n     1 → 2\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out strings.Builder
			row := engine.RowDiff{Projection: "p", Table: "t", Key: "k", Before: json.RawMessage(c.before), After: json.RawMessage(c.after)}
			if err := printRowDiffs(&out, "", []engine.RowDiff{row}); err != nil || out.String() != c.want {
				t.Errorf("got  %q, %v\nwant %q", out.String(), err, c.want)
			}
		})
	}
}
