package cli

import (
	"testing"
	"time"
)

func TestMoments(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 5, time.FixedZone("", 3600))
	for text, want := range map[string]string{
		"2026-11-01T10:30:00Z":             "2026-11-01T10:30:00Z",
		"2026-11-01T10:30:00.123456789Z":   "2026-11-01T10:30:00.123456789Z",
		"2026-11-01T10:30:00+02:00":        "2026-11-01T08:30:00Z",
		"2026-11-01 10:30:00Z":             "2026-11-01T10:30:00Z", // as tables print it
		"2026-11-01 10:30:00.5":            "2026-11-01T10:30:00.5Z",
		"2026-11-01T10:30":                 "2026-11-01T10:30:00Z",
		"2026-11-01 10:30":                 "2026-11-01T10:30:00Z",
		" 2026-11-01 ":                     "2026-11-01T00:00:00Z",
		"now":                              "2026-11-23T11:00:00.000000005Z",
		"-2h":                              "2026-11-23T09:00:00.000000005Z",
		"-1h30m":                           "2026-11-23T09:30:00.000000005Z",
		"-7d":                              "2026-11-16T11:00:00.000000005Z",
		"-2w":                              "2026-11-09T11:00:00.000000005Z",
		"2h":                               "",
		"-":                                "",
		"-h":                               "",
		"--2h":                             "",
		"":                                 "",
		"yesterday":                        "",
		"2026-13-01":                       "",
		"2026-11-01 25:00":                 "",
		"2026-11-01T10:30:00.1234567890+Z": "",
		"1767225600":                       "",
	} {
		got, err := parseMoment(text, now)
		switch {
		case want == "" && err == nil:
			t.Errorf("%q is %s, and should be refused", text, got)
		case want != "" && (err != nil || got.Format(time.RFC3339Nano) != want):
			t.Errorf("%q is %s, %v; want %s", text, got.Format(time.RFC3339Nano), err, want)
		}
	}
}

func TestSpans(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"0": 0, "90m": 90 * time.Minute, "1d": 24 * time.Hour, "2w": 14 * 24 * time.Hour, "1.5s": 1500 * time.Millisecond,
		"": -1, "d": -1, "-1h": -1, "0s": -1, "1": -1, "1y": -1,
	} {
		got, err := parseSpan(text)
		if want < 0 && err == nil || want >= 0 && (err != nil || got != want) {
			t.Errorf("%q is %s, %v; want %s", text, got, err, want)
		}
	}
	for text, ok := range map[string]bool{"0": true, "1s": true, "999ms": false, "x": false} {
		if err := checkSpan(text); (err == nil) != ok {
			t.Errorf("checkSpan(%q): %v", text, err)
		}
	}
	if checkTerm("0") == nil || checkTerm("1d") != nil {
		t.Error("a term of 0 is taken, or one of a day is not")
	}
}
