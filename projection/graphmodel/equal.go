package graphmodel

import (
	"bytes"
	"math"
	"strconv"
	"strings"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// equal tells whether two JSON values mean the same: texts by content, numbers by value, objects whatever the order of their
// members.
func equal(a, b eventlog.Value) bool {
	switch {
	case bytes.Equal(a, b):
		return true
	case a.IsString() && b.IsString():
		x, err1 := a.Text()
		y, err2 := b.Text()
		return err1 == nil && err2 == nil && x == y
	case a.IsObject() && b.IsObject():
		return equalMembers(members(a), members(b))
	case a.IsArray() && b.IsArray():
		return equalElements(elements(a), elements(b))
	case isNumber(a) && isNumber(b):
		x, ok1 := parseDecimal(string(a))
		y, ok2 := parseDecimal(string(b))
		return ok1 && ok2 && x == y
	}
	return false
}

func equalMembers(a, b map[string]eventlog.Value) bool {
	if len(a) != len(b) {
		return false
	}
	for name, v := range a {
		if w, ok := b[name]; !ok || !equal(v, w) {
			return false
		}
	}
	return true
}

func equalElements(a, b []eventlog.Value) bool {
	if len(a) != len(b) {
		return false
	}
	for i, v := range a {
		if !equal(v, b[i]) {
			return false
		}
	}
	return true
}

func members(v eventlog.Value) map[string]eventlog.Value {
	out := map[string]eventlog.Value{}
	_ = v.Object(func(name string, value eventlog.Value) *eventlog.FieldError { // cannot fail: checked when received
		out[name] = value
		return nil
	})
	return out
}

func elements(v eventlog.Value) []eventlog.Value {
	var out []eventlog.Value
	_ = v.Array(func(value eventlog.Value) *eventlog.FieldError { // cannot fail: checked when received
		out = append(out, value)
		return nil
	})
	return out
}

func isNumber(v eventlog.Value) bool {
	return len(v) > 0 && (v[0] == '-' || v[0] >= '0' && v[0] <= '9')
}

// decimal is a number in its one normal form: digits without zeros at either end, times ten to the exponent. Zero has no
// digits and no sign.
type decimal struct {
	negative bool
	digits   string
	exponent int64
}

// parseDecimal takes a JSON number apart, exactly. It fails where the exponent is beyond what can be counted with.
func parseDecimal(text string) (decimal, bool) {
	var d decimal
	text, d.negative = strings.CutPrefix(text, "-")
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		e, err := strconv.ParseInt(text[i+1:], 10, 64)
		if err != nil || e > math.MaxInt32 || e < math.MinInt32 {
			return decimal{}, false
		}
		text, d.exponent = text[:i], e
	}
	whole, fraction, _ := strings.Cut(text, ".")
	d.exponent -= int64(len(fraction))
	digits := whole + fraction
	d.digits = strings.TrimRight(digits, "0")
	d.exponent += int64(len(digits) - len(d.digits))
	d.digits = strings.TrimLeft(d.digits, "0")
	if d.digits == "" {
		return decimal{}, true
	}
	return d, true
}
