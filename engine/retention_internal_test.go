package engine

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/thecowboyai/cim-projector/snapshotstore"
)

func TestTerms(t *testing.T) {
	const day = 24 * time.Hour
	for text, want := range map[string]time.Duration{
		"": 0, "180d": 180 * day, "8w": 56 * day, "12h": 12 * time.Hour, "90m": 90 * time.Minute, "1ms": time.Millisecond,
		"65535d": mostDays * day, "20000w": mostDays * day, "30501w": mostDays * day, // weeks that a Duration cannot hold come out as few
	} {
		if got, err := Term(text).Duration(); err != nil || got != want {
			t.Errorf("%q is %s, %v, want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"d", "w", "0d", "-1d", "1.5d", "d1", "180", "99999d", "-5m", "0s", " 1d", "1y", "ever"} {
		if got, err := Term(text).Duration(); err == nil {
			t.Errorf("%q is taken as %s", text, got)
		}
	}
}

func TestRetention(t *testing.T) {
	now := time.Date(2026, 3, 12, 12, 0, 0, 0, time.UTC) // a Thursday
	var all []*snapshotstore.Manifest
	for i := range 40 { // one every 12 hours, the newest an hour old
		all = append(all, &snapshotstore.Manifest{
			Name: fmt.Sprintf("g%02d", i), Generated: true, StreamSequence: uint64(1000 - i), CreatedAt: now.Add(-time.Hour - time.Duration(i)*12*time.Hour),
		})
	}
	for _, m := range []snapshotstore.Manifest{
		{Name: "named"}, {Name: "term", Keep: "1d"}, {Name: "young", Keep: "60d"}, {Name: "held", Keep: "1d", Hold: true},
		{Name: "held-generated", Generated: true, Hold: true}, {Name: "generated-term", Generated: true, Keep: "60d"},
		{Name: "odd-term", Keep: "tomorrow"},
	} {
		m.CreatedAt = now.Add(-50 * 24 * time.Hour)
		all = append(all, &m)
	}
	for _, test := range []struct {
		policy Retention
		kept   []string // of the generated ones
	}{
		{Retention{Last: 3}, []string{"g00", "g01", "g02"}},
		{Retention{Daily: 3}, []string{"g00", "g01", "g03"}},                     // 11:00 on the 12th, 23:00 on the days before
		{Retention{Weekly: 3}, []string{"g00", "g07", "g21"}},                    // and the last of each week before
		{Retention{Last: 2, Daily: 2, Weekly: 2}, []string{"g00", "g01", "g07"}}, // each counts for all rules
		{Retention{Last: 100}, namesOf(all[:40])}, {Retention{}, namesOf(all[:40])}, {Retention{Daily: 1}, []string{"g00"}},
	} {
		gone := test.policy.expired(all, now)
		if !slices.Contains(gone, "term") {
			t.Errorf("%+v: the one whose term has passed stays", test.policy)
		}
		gone = slices.DeleteFunc(gone, func(name string) bool { return name == "term" })
		var want []string
		for _, m := range all[:40] {
			if !slices.Contains(test.kept, m.Name) {
				want = append(want, m.Name)
			}
		}
		if slices.Sort(gone); !slices.Equal(gone, want) {
			t.Errorf("%+v\nremoves %v\nwant    %v", test.policy, gone, want)
		}
	}
	for _, r := range []Retention{{Last: -1}, {Daily: -1}, {Weekly: -1}} {
		if r.Validate() == nil {
			t.Errorf("%+v is valid", r)
		}
	}
}

func namesOf(all []*snapshotstore.Manifest) (out []string) {
	for _, m := range all {
		out = append(out, m.Name)
	}
	return out
}
