package ask_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/projection/ask"
)

func read(params string) *ask.Params {
	return ask.Read(projection.Request{Params: eventlog.Value(params)})
}

func TestParamsThatAreThere(t *testing.T) {
	p := read(`{"id":"a","flag":true,"n":7,"f":0.5,"at":"1970-01-01T00:00:01Z","ids":["x","y"],"none":null,"other":{}}`)
	if got := p.ID("none", "id"); got != "a" {
		t.Errorf("ID = %q", got)
	}
	if got := p.OptionalID("id"); got != "a" {
		t.Errorf("OptionalID = %q", got)
	}
	if !p.Flag("flag", false) {
		t.Error("Flag = false")
	}
	if got := p.Number("n", 1); got != 7 {
		t.Errorf("Number = %d", got)
	}
	if got := p.Float("none", "f"); got == nil || *got != 0.5 {
		t.Errorf("Float = %v", got)
	}
	if got := p.Moment("at"); got == nil || *got != 1e9 {
		t.Errorf("Moment = %v", got)
	}
	if got := p.IDs("ids"); !slices.Equal(got, []string{"x", "y"}) {
		t.Errorf("IDs = %q", got)
	}
	if name, v := p.First("none", "other"); name != "other" || !v.IsObject() {
		t.Errorf("First = %s, %s", name, v)
	}
	if err := p.Err(); err != nil {
		t.Errorf("Err = %v", err)
	}
}

func TestParamsThatAreAbsent(t *testing.T) {
	for _, params := range []string{``, `null`, `{}`, `{"x":null}`} {
		p := read(params)
		calls := 0
		p.List("x", func(int, eventlog.Value) *eventlog.FieldError { calls++; return nil })
		name, v := p.First("x", "y")
		if p.OptionalID("x") != "" || !p.Flag("x", true) || p.Flag("x", false) || p.Number("x", 3) != 3 || p.Float("x") != nil ||
			p.Moment("x") != nil || !p.Value("x").IsNull() || name != "x" || v != nil || calls != 0 || p.Err() != nil {
			t.Errorf("%q: an absent member is not what it is said to be: %v", params, p.Err())
		}
	}
}

func TestParamsThatAreRefused(t *testing.T) {
	long := `"` + strings.Repeat("i", eventlog.MaxIDBytes+1) + `"`
	for _, c := range []struct {
		params string
		ask    func(p *ask.Params)
		field  string
		reason eventlog.Code
	}{
		{`[]`, func(*ask.Params) {}, "parameters", eventlog.CodeWrongType},
		{`{}`, func(p *ask.Params) { p.ID("a", "b") }, "a", eventlog.CodeMissingField},
		{`{"b":""}`, func(p *ask.Params) { p.ID("a", "b") }, "b", eventlog.CodeEmptyID},
		{`{"a":` + long + `}`, func(p *ask.Params) { p.OptionalID("a") }, "a", eventlog.CodeTooLong},
		{`{}`, func(p *ask.Params) { p.IDs("a") }, "a", eventlog.CodeMissingField},
		{`{"a":["x",""]}`, func(p *ask.Params) { p.IDs("a") }, "a.1", eventlog.CodeEmptyID},
		{`{"a":1}`, func(p *ask.Params) { p.Flag("a", true) }, "a", eventlog.CodeWrongType},
		{`{"a":-1}`, func(p *ask.Params) { p.Number("a", 0) }, "a", eventlog.CodeOutOfRange},
		{`{"a":"x"}`, func(p *ask.Params) { p.Float("a") }, "a", eventlog.CodeWrongType},
		{`{"a":true}`, func(p *ask.Params) { p.Moment("a") }, "a", eventlog.CodeWrongType},
		{`{"a":"9999-01-01T00:00:00Z"}`, func(p *ask.Params) { p.Moment("a") }, "a", eventlog.CodeOutOfRange},
		{`{"a":{}}`, func(p *ask.Params) { p.List("a", nil) }, "a", eventlog.CodeWrongType},
	} {
		p := read(c.params)
		c.ask(p)
		refused, ok := errors.AsType[*projection.QueryError](p.Err())
		if !ok || refused.Code != projection.BadRequest || refused.Details["field"] != c.field ||
			refused.Details["reason"] != string(c.reason) || !strings.HasPrefix(refused.Message, c.field+" ") {
			t.Errorf("%.60s: %v, %v; want %s of %s", c.params, p.Err(), refused, c.reason, c.field)
		}
	}
}

func TestParamsKeepTheFirstError(t *testing.T) {
	p := read(`{"kind":"New"}`)
	p.Unsupported(ask.Place("kinds", 2), "New", "Old", "Older")
	p.ID("missing")
	p.Fail(projection.Fail(projection.Internal, "later"))
	first, ok := errors.AsType[*projection.QueryError](p.Err())
	if !ok || first.Message != `kinds.2 is "New", which is not served; use Old, Older` || first.Details["field"] != "kinds.2" {
		t.Errorf("Err = %v", p.Err())
	}
}

func TestVariant(t *testing.T) {
	for _, c := range []struct {
		value, tag, content string
		refused             eventlog.Code
	}{
		{`"A"`, "A", "", ""},
		{`{"A":1}`, "A", "1", ""},
		{`""`, "", "", eventlog.CodeEmptyID},
		{`{}`, "", "", eventlog.CodeWrongType},
		{`{"A":1,"B":2}`, "", "", eventlog.CodeWrongType},
		{`7`, "", "", eventlog.CodeWrongType},
		{``, "", "", eventlog.CodeWrongType},
	} {
		tag, content, err := ask.Variant(eventlog.Value(c.value))
		if c.refused != "" {
			if err == nil || err.Code != c.refused {
				t.Errorf("Variant(%s): %v, want %s", c.value, err, c.refused)
			}
		} else if err != nil || tag != c.tag || string(content) != c.content {
			t.Errorf("Variant(%s) = %q, %s, %v", c.value, tag, content, err)
		}
	}
}

func TestNotFound(t *testing.T) {
	err, ok := errors.AsType[*projection.QueryError](ask.NotFound("node_id", "n", "no node %q", "n"))
	if !ok || err.Code != projection.NotFound || err.Message != `no node "n"` || err.Details["node_id"] != "n" {
		t.Errorf("NotFound = %+v", err)
	}
}
