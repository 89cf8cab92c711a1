package eventlog_test

import (
	"testing"
	"time"

	"github.com/thecowboyai/cim-projector/eventlog"
)

func TestMoment(t *testing.T) {
	at := eventlog.Moment(time.Date(2026, 1, 23, 10, 0, 0, 123456789, time.UTC))
	second := at - at%1e9
	tests := []struct {
		name string
		raw  string
		want eventlog.Time
		code eventlog.Code
	}{
		{"SystemTime", `{"secs_since_epoch":1769162400,"nanos_since_epoch":123456789}`, at, ""},
		{"SystemTime, members swapped, one unknown", `{"nanos_since_epoch":123456789,"x":1,"secs_since_epoch":1769162400}`, at, ""},
		{"SystemTime without nanoseconds", `{"secs_since_epoch":1769162400}`, second, ""},
		{"RFC 3339", `"2026-01-23T10:00:00.123456789Z"`, at, ""},
		{"RFC 3339 with an offset", `"2026-01-23T15:30:00.123456789+05:30"`, at, ""},
		{"RFC 3339 without a fraction", `"2026-01-23T10:00:00Z"`, second, ""},
		{"milliseconds", `1769162400123`, second + 123e6, ""},
		{"the epoch", `0`, 0, ""},
		{"the last nanosecond", `{"secs_since_epoch":9223372036,"nanos_since_epoch":854775807}`, 1<<63 - 1, ""},
		{"the earliest year", `"1678-01-01T00:00:00Z"`, eventlog.Moment(time.Date(1678, 1, 1, 0, 0, 0, 0, time.UTC)), ""},

		{"one nanosecond more than the last", `{"secs_since_epoch":9223372036,"nanos_since_epoch":854775808}`, 0, eventlog.CodeOutOfRange},
		{"seconds of u64", `{"secs_since_epoch":18446744073709551615,"nanos_since_epoch":0}`, 0, eventlog.CodeOutOfRange},
		{"a second of nanoseconds", `{"secs_since_epoch":1,"nanos_since_epoch":1000000000}`, 0, eventlog.CodeOutOfRange},
		{"milliseconds of u64", `18446744073709551615`, 0, eventlog.CodeOutOfRange},
		{"milliseconds before the epoch", `-1`, 0, eventlog.CodeOutOfRange},
		{"year 1677", `"1677-12-31T00:00:00Z"`, 0, eventlog.CodeOutOfRange},
		{"year 2262", `"2262-01-01T00:00:00Z"`, 0, eventlog.CodeOutOfRange},
		{"no seconds", `{"nanos_since_epoch":1}`, 0, eventlog.CodeMissingField},
		{"empty object", `{}`, 0, eventlog.CodeMissingField},
		{"seconds as text", `{"secs_since_epoch":"1"}`, 0, eventlog.CodeWrongType},
		{"milliseconds with a fraction", `1.5`, 0, eventlog.CodeWrongType},
		{"milliseconds with an exponent", `1e3`, 0, eventlog.CodeWrongType},
		{"a day alone", `"2026-01-23"`, 0, eventlog.CodeWrongType},
		{"no offset", `"2026-01-23T10:00:00"`, 0, eventlog.CodeWrongType},
		{"no such day", `"2026-02-30T10:00:00Z"`, 0, eventlog.CodeWrongType},
		{"words", `"yesterday"`, 0, eventlog.CodeWrongType},
		{"nothing", `""`, 0, eventlog.CodeWrongType},
		{"true", `true`, 0, eventlog.CodeWrongType},
		{"null", `null`, 0, eventlog.CodeWrongType},
		{"array", `[1769162400,0]`, 0, eventlog.CodeWrongType},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := eventlog.Value(test.raw).Moment()
			if code := codeOf(err); got != test.want || code != test.code {
				t.Errorf("Moment of %s = %s, %q, want %s, %q", test.raw, got, code, test.want, test.code)
			}
		})
	}
}

func TestTime(t *testing.T) {
	at := time.Date(2026, 1, 23, 10, 0, 0, 120, time.FixedZone("", 3600))
	got := eventlog.Moment(at)
	if !got.Std().Equal(at) || got.String() != "2026-01-23T09:00:00.00000012Z" || got.IsZero() {
		t.Errorf("Moment(%s) = %s", at, got)
	}
	if zero := eventlog.Time(0); zero.String() != "-" || !zero.IsZero() {
		t.Errorf("the zero time prints %q", zero)
	}
}
