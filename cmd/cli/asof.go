package cli

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/spf13/pflag"
)

// asOf is the place in the past that a question is about, as the flags name it. The zero asOf is now.
type asOf struct {
	seq      uint64
	moment   string
	snapshot string
}

func (p *asOf) flags(flags *pflag.FlagSet) {
	flags.Uint64Var(&p.seq, "as-of-seq", 0, "answer as it was at the event with this `SEQUENCE`")
	flags.StringVar(&p.moment, "as-of-time", "", "answer as it was at this `TIME`, such as 2026-11-01T10:30:00Z, 2026-11-01 or -2h")
	flags.StringVar(&p.snapshot, "snapshot", "", "answer as it was at the snapshot of this `NAME`")
}

// check refuses what contradicts itself.
func (p *asOf) check(flags *pflag.FlagSet) error {
	given := ""
	for _, name := range []string{"as-of-seq", "as-of-time", "snapshot", "min-seq"} {
		if !flags.Changed(name) {
			continue
		}
		if given != "" {
			return wrongUsage("--%s and --%s exclude each other: give one of them", given, name)
		}
		given = name
	}
	switch {
	case given == "as-of-seq" && p.seq == 0:
		return wrongUsage("--as-of-seq must be above zero: the first event is 1")
	case given == "snapshot":
		return checkSnapshotName(p.snapshot)
	}
	return nil
}

// members adds the place to the members of a request.
func (p *asOf) members(to map[string]any, now time.Time) error {
	switch {
	case p.seq > 0:
		to["as_of_sequence"] = p.seq
	case p.snapshot != "":
		to["as_of_snapshot"] = p.snapshot
	case p.moment != "":
		t, err := parseMoment(p.moment, now)
		if err != nil {
			return wrongUsage("--as-of-time: %w", err)
		}
		to["as_of_time"] = t.Format(time.RFC3339Nano)
	}
	return nil
}

// asOfFooting is what an answer from the past says it cost.
type asOfFooting struct {
	BaseSequence uint64 `json:"base_sequence"`
	Replayed     uint64 `json:"replayed"`
	BuildUS      int64  `json:"build_us"`
	Cached       bool   `json:"cached"`
}

func (f *asOfFooting) text() string {
	from := "the beginning"
	if f.BaseSequence > 0 {
		from = "event " + grouped(f.BaseSequence)
	}
	switch {
	case f.Cached:
		return "which was at hand from an earlier question"
	case f.Replayed == 0:
		return fmt.Sprintf("which was at hand, opened in %s", microsText(f.BuildUS))
	}
	return fmt.Sprintf("made of %s from %s in %s", plural(f.Replayed, "event"), from, microsText(f.BuildUS))
}

// microsText prints a short span of time for people.
func microsText(us int64) string {
	switch {
	case us < 1000:
		return fmt.Sprintf("%d µs", us)
	case us < 1_000_000:
		return fmt.Sprintf("%.1f ms", float64(us)/1000)
	}
	return secondsText(float64(us) / 1e6)
}

// withMembers adds members to a request that is an object.
func withMembers(raw []byte, more map[string]any) ([]byte, error) {
	if len(more) == 0 {
		return raw, nil
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		return nil, wrongUsage("the parameters are not a JSON object: %w", err)
	}
	if members == nil {
		members = map[string]json.RawMessage{}
	}
	for name, v := range more {
		one, err := json.Marshal(v)
		if err != nil {
			return nil, err
		}
		members[name] = one
	}
	return json.Marshal(members)
}
