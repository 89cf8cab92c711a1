package serde_test

import (
	"strings"
	"testing"

	"github.com/thecowboyai/cim-projector/aggregate/serde"
	"github.com/thecowboyai/cim-projector/eventlog"
)

func TestVariant(t *testing.T) {
	longest := strings.Repeat("t", eventlog.MaxIDBytes)
	for _, c := range []struct {
		value, tag, content string
		ok                  bool
	}{
		{`"Concept"`, "Concept", "", true},
		{`{"Custom":"x"}`, "Custom", `"x"`, true},
		{`{"Custom":null}`, "Custom", `null`, true},
		{`"` + longest + `"`, longest, "", true},
		{`{"` + longest + `":1}`, longest, "1", true},
		{`"` + longest + `t"`, "", "", false},
		{`{"` + longest + `t":1}`, "", "", false},
		{`{"A":1,"B":2}`, "", "", false},
		{`{}`, "", "", false},
		{`{"":1}`, "", "", false},
		{`""`, "", "", false},
		{`7`, "", "", false},
		{`["A"]`, "", "", false},
		{`null`, "", "", false},
		{``, "", "", false},
	} {
		tag, content, ok := serde.Variant(eventlog.Value(c.value))
		if ok != c.ok || ok && (tag != c.tag || string(content) != c.content) {
			t.Errorf("Variant(%.40s) = %.40q, %s, %v; want %.40q, %s, %v", c.value, tag, content, ok, c.tag, c.content, c.ok)
		}
		if kind := serde.Kind(eventlog.Value(c.value)); kind != c.tag {
			t.Errorf("Kind(%.40s) = %.40q, want %.40q", c.value, kind, c.tag)
		}
	}
}
