package cli

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/thecowboyai/cim-projector/engine"
)

// momentForms are how a moment can be written, besides a span before now. Where none is stated the zone is UTC, as in everything
// that is printed.
var momentForms = []string{
	time.RFC3339Nano,
	"2006-01-02 15:04:05.999999999Z07:00",
	"2006-01-02T15:04:05.999999999",
	"2006-01-02 15:04:05.999999999",
	"2006-01-02T15:04",
	"2006-01-02 15:04",
	time.DateOnly,
}

// parseMoment reads a moment: absolute, or before now as in "-2h" or "-7d".
func parseMoment(text string, now time.Time) (time.Time, error) {
	text = strings.TrimSpace(text)
	if text == "now" {
		return now.UTC(), nil
	}
	if span, before := strings.CutPrefix(text, "-"); before {
		d, err := engine.Term(span).Duration()
		if err == nil && d > 0 {
			return now.UTC().Add(-d), nil
		}
	}
	for _, form := range momentForms {
		if t, err := time.Parse(form, text); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is not a moment; use a form such as 2026-11-01T10:30:00Z, \"2026-11-01 10:30\" (UTC), 2026-11-01 or -2h", text)
}

// parseSpan reads a span of time: days, weeks, or what Go writes. "0" is none.
func parseSpan(text string) (time.Duration, error) {
	if text == "0" {
		return 0, nil
	}
	d, err := engine.Term(text).Duration()
	if err != nil || d == 0 {
		return 0, fmt.Errorf("%q is not a span of time; use a form such as 90m, 12h, 7d or 8w, or 0 for none", text)
	}
	return d, nil
}

// checkSpan takes none, or at least a second.
func checkSpan(text string) error {
	d, err := parseSpan(text)
	if err == nil && d > 0 && d < time.Second {
		err = fmt.Errorf("%s is too short; the least is 1s", text)
	}
	return err
}

// checkTerm takes at least a second.
func checkTerm(text string) error {
	if text == "0" {
		return errors.New("0 is no term; the least is 1s")
	}
	return checkSpan(text)
}
