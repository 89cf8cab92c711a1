package eventlog

import (
	"math"
	"time"
)

// Moment reads a time in any of the forms that CIM's producers write:
//
//   - serde's SystemTime, {"secs_since_epoch":u64,"nanos_since_epoch":u32};
//   - an RFC 3339 string with up to nine digits of a second;
//   - whole milliseconds since 1970 (alchemist's i64).
//
// Times that do not fit into nanoseconds of an int64 (the years 1678 to 2262) are out of range.
func (v Value) Moment() (Time, *FieldError) {
	switch {
	case v.IsObject():
		return v.systemTime()
	case v.IsString():
		return v.rfc3339()
	case v.isNumber():
		ms, err := v.Uint64()
		if err != nil {
			return 0, err
		}
		return scaled(ms, 0, uint64(time.Millisecond))
	}
	return 0, Refuse(CodeWrongType, "")
}

func (v Value) systemTime() (Time, *FieldError) {
	var secs, nanos uint64
	var seen bool
	err := v.Object(func(name string, value Value) (err *FieldError) {
		switch name {
		case "secs_since_epoch":
			secs, err = value.Uint64()
			seen = true
		case "nanos_since_epoch":
			nanos, err = value.Uint64()
		}
		if err != nil {
			return err.In(name)
		}
		return nil
	})
	switch {
	case err != nil:
		return 0, err
	case !seen:
		return 0, Refuse(CodeMissingField, "secs_since_epoch")
	case nanos >= uint64(time.Second):
		return 0, Refuse(CodeOutOfRange, "nanos_since_epoch")
	}
	return scaled(secs, nanos, uint64(time.Second))
}

func (v Value) rfc3339() (Time, *FieldError) {
	text, err := v.Text()
	if err != nil {
		return 0, err
	}
	t, parseErr := time.Parse(time.RFC3339Nano, text)
	switch {
	case parseErr != nil:
		return 0, Refuse(CodeWrongType, "")
	case t.Year() < 1678 || t.Year() > 2261:
		return 0, Refuse(CodeOutOfRange, "")
	}
	return Moment(t), nil
}

// scaled is n·unit + rest, refused where it does not fit.
func scaled(n, rest, unit uint64) (Time, *FieldError) {
	if n > (math.MaxInt64-rest)/unit {
		return 0, Refuse(CodeOutOfRange, "")
	}
	return Time(n*unit + rest), nil
}
