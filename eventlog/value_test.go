package eventlog_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// nested is n arrays around nothing.
func nested(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }

func TestParseValue(t *testing.T) {
	tests := []struct {
		name   string
		raw    string
		code   eventlog.Code // "" = accepted
		offset int64         // -2 = not looked at
	}{
		{"object", `{"a":[1,null,true,"x"]}`, "", 0},
		{"every kind alone", `null`, "", 0},
		{"white space around", " \t\r\n {} \n", "", 0},
		{"huge number", `1e999999999999`, "", 0},
		{"number of many digits", strings.Repeat("9", 5000), "", 0},
		{"escapes", `"\u0000\ud83d\ude00\/"`, "", 0},
		{"characters outside the first plane", `"😀"`, "", 0},
		{"names that differ in case", `{"a":1,"A":2}`, "", 0},
		{"same names in two objects", `[{"a":1},{"a":2}]`, "", 0},
		{"brackets in strings do not nest", `"` + strings.Repeat("[", 1000) + `"`, "", 0},
		{"brackets behind an escaped quote", `"\"` + strings.Repeat("{", 1000) + `\\"`, "", 0},
		{"depth 128", nested(128), "", 0},
		{"depth 128 many times", "[" + strings.TrimSuffix(strings.Repeat(nested(127)+",", 50), ",") + "]", "", 0},

		{"nothing", ``, eventlog.CodeEmptyBody, 0},
		{"white space alone", " \n", eventlog.CodeInvalidJSON, -2},
		{"byte order mark", "\ufeff{}", eventlog.CodeInvalidJSON, 0},
		{"cut short", `{"a":`, eventlog.CodeInvalidJSON, -2},
		{"a second value", `{} {}`, eventlog.CodeInvalidJSON, 3},
		{"a comma too many", `[1,]`, eventlog.CodeInvalidJSON, -2},
		{"a comment", `{} // no`, eventlog.CodeInvalidJSON, 3},
		{"single quotes", `{'a':1}`, eventlog.CodeInvalidJSON, -2},
		{"NaN", `NaN`, eventlog.CodeInvalidJSON, -2},
		{"leading zero", `01`, eventlog.CodeInvalidJSON, -2},
		{"plus sign", `+1`, eventlog.CodeInvalidJSON, -2},
		{"control character in a string", "\"a\nb\"", eventlog.CodeInvalidJSON, -2},
		{"unknown escape", `"\x41"`, eventlog.CodeInvalidJSON, -2},
		{"first half of a surrogate pair", `"\ud83d"`, eventlog.CodeInvalidJSON, -2},
		{"second half of a surrogate pair", `{"a":"\ude00"}`, eventlog.CodeInvalidJSON, -2},
		{"halves in the wrong order", `"\ude00\ud83d"`, eventlog.CodeInvalidJSON, -2},
		{"half a pair as a name", `{"\ud83d":1}`, eventlog.CodeInvalidJSON, -2},
		{"invalid UTF-8", "{\"a\":\"\xff\"}", eventlog.CodeInvalidUTF8, 6},
		{"UTF-8 cut short", "\"\xe2\x82\"", eventlog.CodeInvalidUTF8, 1},
		{"surrogate in UTF-8", "\"\xed\xa0\x80\"", eventlog.CodeInvalidUTF8, 1},
		{"invalid UTF-8 behind the value", "{}\xff", eventlog.CodeInvalidUTF8, 2},
		{"a name twice", `{"a":1,"b":2,"a":1}`, eventlog.CodeDuplicateKey, -2},
		{"a name twice, once escaped", `{"a":1,"\u0061":1}`, eventlog.CodeDuplicateKey, -2},
		{"a name twice far inside", `[[{"x":{"a":1,"a":2}}]]`, eventlog.CodeDuplicateKey, -2},
		{"depth 129", nested(129), eventlog.CodeTooDeep, 128},
		{"depth 129 behind a string", `["[[\"",` + nested(128) + `]`, eventlog.CodeTooDeep, 8 + 127},
		{"depth far over", strings.Repeat(`{"a":`, 100_000), eventlog.CodeTooDeep, 5 * 128},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			v, err := eventlog.ParseValue([]byte(test.raw))
			switch {
			case test.code == "" && err != nil:
				t.Fatalf("ParseValue: %v, want it accepted", err)
			case test.code == "":
				if want := strings.Trim(test.raw, " \t\r\n"); string(v) != want {
					t.Errorf("ParseValue = %q, want %q", v, want)
				}
			case err == nil || err.Code != test.code:
				t.Fatalf("ParseValue: %v, want %s", err, test.code)
			case test.offset != -2 && err.Offset != test.offset:
				t.Errorf("ParseValue: offset %d, want %d", err.Offset, test.offset)
			}
		})
	}
}

func TestUint64(t *testing.T) {
	tests := []struct {
		raw  string
		want uint64
		code eventlog.Code
	}{
		{"0", 0, ""},
		{"9007199254740993", 1<<53 + 1, ""}, // a float64 cannot hold it
		{"18446744073709551615", 1<<64 - 1, ""},
		{"18446744073709551616", 0, eventlog.CodeOutOfRange},
		{strings.Repeat("9", 400), 0, eventlog.CodeOutOfRange},
		{"-1", 0, eventlog.CodeOutOfRange},
		{"-9223372036854775808", 0, eventlog.CodeOutOfRange},
		{"1.0", 0, eventlog.CodeWrongType},
		{"1e3", 0, eventlog.CodeWrongType},
		{`"1"`, 0, eventlog.CodeWrongType},
		{"null", 0, eventlog.CodeWrongType},
		{"[1]", 0, eventlog.CodeWrongType},
		{"", 0, eventlog.CodeWrongType},
	}
	for _, test := range tests {
		got, err := eventlog.Value(test.raw).Uint64()
		if code := codeOf(err); got != test.want || code != test.code {
			t.Errorf("Uint64 of %.30s = %d, %q, want %d, %q", test.raw, got, code, test.want, test.code)
		}
	}
}

func codeOf(err *eventlog.FieldError) eventlog.Code {
	if err == nil {
		return ""
	}
	return err.Code
}

func TestFloat32(t *testing.T) {
	tests := []struct {
		raw  string
		want float32
		code eventlog.Code
	}{
		{"0.1", 0.1, ""},
		{"0.10000000149011612", 0.1, ""}, // the same, widened to 64 bits by its producer
		{"0.8999999761581421", 0.9, ""},
		{"-0", 0, ""},
		{"16777217", 16777216, ""},
		{"3.4028235e38", 3.4028235e38, ""},
		{"1e-60", 0, ""},
		{"3.5e38", 0, eventlog.CodeOutOfRange},
		{"-1e39", 0, eventlog.CodeOutOfRange},
		{"1e400", 0, eventlog.CodeOutOfRange},
		{"null", 0, eventlog.CodeWrongType},
		{`"1"`, 0, eventlog.CodeWrongType},
	}
	for _, test := range tests {
		got, err := eventlog.Value(test.raw).Float32()
		if code := codeOf(err); got != test.want || code != test.code {
			t.Errorf("Float32 of %s = %v, %q, want %v, %q", test.raw, got, code, test.want, test.code)
		}
	}
}

func TestTextAndBool(t *testing.T) {
	for raw, want := range map[string]string{
		`""`: "", `"plain"`: "plain", `"\u00e9\n\\\"\/"`: "é\n\\\"/", `"\ud83d\ude00"`: "😀", `"é😀"`: "é😀", `"\u0000"`: "\x00",
	} {
		if got, err := eventlog.Value(raw).Text(); err != nil || got != want {
			t.Errorf("Text of %s = %q, %v, want %q", raw, got, err, want)
		}
	}
	for _, raw := range []string{"1", "null", "{}", "[]", "true", ""} {
		if _, err := eventlog.Value(raw).Text(); codeOf(err) != eventlog.CodeWrongType {
			t.Errorf("Text of %s: %v, want %s", raw, err, eventlog.CodeWrongType)
		}
	}
	for raw, want := range map[string]bool{"true": true, "false": false} {
		if got, err := eventlog.Value(raw).Bool(); err != nil || got != want {
			t.Errorf("Bool of %s = %v, %v", raw, got, err)
		}
	}
	for _, raw := range []string{"null", "1", `"true"`, ""} {
		if _, err := eventlog.Value(raw).Bool(); codeOf(err) != eventlog.CodeWrongType {
			t.Errorf("Bool of %s: %v, want %s", raw, err, eventlog.CodeWrongType)
		}
	}
}

func TestID(t *testing.T) {
	long := strings.Repeat("x", eventlog.MaxIDBytes)
	tests := []struct {
		raw  string
		want string
		code eventlog.Code
	}{
		{`"a"`, "a", ""},
		{`"A b\u00e9"`, "A bé", ""},
		{`"` + long + `"`, long, ""},
		{`"` + long + `x"`, "", eventlog.CodeTooLong},
		{`""`, "", eventlog.CodeEmptyID},
		{`{"id":"a"}`, "a", ""},
		{`{"value":"a"}`, "a", ""},
		{`{"other":1,"id":"a"}`, "a", ""},
		{`{"id":""}`, "", eventlog.CodeEmptyID},
		{`{"id":1}`, "", eventlog.CodeWrongType},
		{`{"id":{"id":"a"}}`, "", eventlog.CodeWrongType},
		{`{}`, "", eventlog.CodeWrongType},
		{`1`, "", eventlog.CodeWrongType},
		{`null`, "", eventlog.CodeWrongType},
		{`["a"]`, "", eventlog.CodeWrongType},
	}
	for _, test := range tests {
		got, err := eventlog.Value(test.raw).ID()
		if code := codeOf(err); got != test.want || code != test.code {
			t.Errorf("ID of %.40s = %.40q, %q, want %.40q, %q", test.raw, got, code, test.want, test.code)
		}
	}
}

func TestObjectAndArrayStopAtErrors(t *testing.T) {
	stop := eventlog.Refuse(eventlog.CodeTooLong, "here")
	calls := 0
	if err := eventlog.Value(`{"a":1,"b":2,"c":3}`).Object(func(name string, _ eventlog.Value) *eventlog.FieldError {
		if calls++; name == "b" {
			return stop
		}
		return nil
	}); err != stop || calls != 2 {
		t.Errorf("Object: %v after %d calls, want the member's error after two", err, calls)
	}
	if err := eventlog.Value(`[1,2,3]`).Array(func(eventlog.Value) *eventlog.FieldError { return stop }); err != stop {
		t.Errorf("Array: %v, want the element's error", err)
	}
	if err := eventlog.Value(`[]`).Object(nil); codeOf(err) != eventlog.CodeWrongType {
		t.Errorf("Object of an array: %v", err)
	}
	if err := eventlog.Value(`{}`).Array(nil); codeOf(err) != eventlog.CodeWrongType {
		t.Errorf("Array of an object: %v", err)
	}
}

func TestCompact(t *testing.T) {
	const raw = "{ \"b\" : [ 1.0 , 2e5 ] ,\n\"a\" : \"x  y\" }"
	if got := string(eventlog.Value(raw).Compact()); got != `{"b":[1.0,2e5],"a":"x  y"}` {
		t.Errorf("Compact = %s", got)
	}
	plain := eventlog.Value(`{"a":1}`)
	plain.Compact()[0] = 'x'
	if plain[0] != '{' {
		t.Error("Compact returned the value itself, not a copy")
	}
}

// FuzzValue holds what ParseValue accepts against the standard library: it must never take what that refuses, and every
// reading of what it takes must end without a panic.
func FuzzValue(f *testing.F) {
	for _, seed := range []string{`{"a":[1,2.5e3,"x\u00e9",null,true]}`, ` [ ] `, `"\ud83d\ude00"`, `{"a":1,"a":2}`, "\ufeff1", nested(129), `-0`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		before := bytes.Clone(raw)
		v, err := eventlog.ParseValue(raw)
		if !bytes.Equal(raw, before) {
			t.Fatal("ParseValue changed its argument")
		}
		if err != nil {
			if v != nil || err.Code == "" || err.Offset >= int64(len(raw))+1 {
				t.Fatalf("ParseValue = %q and %v", v, err)
			}
			return
		}
		if !json.Valid(raw) {
			t.Fatalf("ParseValue accepted %q, which is no JSON", raw)
		}
		again, err := eventlog.ParseValue(v)
		if err != nil || !bytes.Equal(again, v) {
			t.Fatalf("ParseValue of its own result = %q, %v", again, err)
		}
		if !json.Valid(v.Compact()) {
			t.Fatalf("Compact of %q is no JSON", v)
		}
		_, _ = v.ID()
		_, _ = v.Moment()
		_, _ = v.Float32()
		_, _ = v.Uint64()
		_, _ = v.Text()
	})
}
