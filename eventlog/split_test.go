package eventlog_test

import (
	"bytes"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// FuzzSplit holds the splitting of checked values against the library: the same parts, in the same order, to the byte.
func FuzzSplit(f *testing.F) {
	for _, seed := range []string{
		`{}`, `[]`, `{"a":1}`, ` { "a" : [ 1 , 2.5e-3 , "x\"]}" , null ] , "b\\" : {"c":{}} } `, `["\\\"","\\\\"]`,
		`{"":"","\u0061":true,"\\":false}`, `[[[[]]],{"a":[{}]}]`, `"text"`, `-0.0`, `[1,{"k":"}"},"]"]`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		v, err := eventlog.ParseValue(raw)
		if err != nil {
			splitAnything(eventlog.Value(raw)) // must end, with any result
			return
		}
		compareParts(t, v)
	})
}

func splitAnything(v eventlog.Value) {
	_ = v.Object(func(_ string, v eventlog.Value) *eventlog.FieldError { splitAnything(v); return nil })
	_ = v.Array(func(v eventlog.Value) *eventlog.FieldError { splitAnything(v); return nil })
}

func compareParts(t *testing.T, v eventlog.Value) {
	t.Helper()
	dec := jsontext.NewDecoder(bytes.NewReader(v))
	open, err := dec.ReadToken()
	if err != nil {
		t.Fatal(err)
	}
	next := func() []byte {
		part, err := dec.ReadValue()
		if err != nil {
			t.Fatalf("%s: the library has no further part: %v", v, err)
		}
		return bytes.Clone(part)
	}
	var refused *eventlog.FieldError
	switch open.Kind() {
	case '{':
		refused = v.Object(func(name string, part eventlog.Value) *eventlog.FieldError {
			want, err := jsontext.AppendUnquote(nil, next())
			if err != nil || name != string(want) {
				t.Fatalf("%s: got the name %q, want %q (%v)", v, name, want, err)
			}
			same(t, part, next())
			compareParts(t, part)
			return nil
		})
	case '[':
		refused = v.Array(func(part eventlog.Value) *eventlog.FieldError {
			same(t, part, next())
			compareParts(t, part)
			return nil
		})
	default:
		return
	}
	if refused != nil {
		t.Fatalf("%s: %v", v, refused)
	}
	if end, err := dec.ReadToken(); err != nil || end.Kind() != '}' && end.Kind() != ']' {
		t.Fatalf("%s: parts are missing", v)
	}
}

func same(t *testing.T, got eventlog.Value, want []byte) {
	t.Helper()
	if !bytes.Equal(got, want) {
		t.Fatalf("got the part %s, want %s", got, want)
	}
}
