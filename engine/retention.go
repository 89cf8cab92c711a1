package engine

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/snapshotstore"
)

// Term is how long a snapshot is kept, such as "180d", "12h" or "90m"; "" is for ever.
type Term string

// Duration returns the term; 0 for one that never ends.
func (t Term) Duration() (time.Duration, error) { return t.days() }

func (t Term) days() (time.Duration, error) {
	if t == "" {
		return 0, nil
	}
	if n := len(t) - 1; t[n] == 'd' || t[n] == 'w' {
		count, err := strconv.ParseUint(string(t[:n]), 10, 16)
		if err == nil && count > 0 {
			if t[n] == 'w' {
				count *= 7
			}
			return time.Duration(min(count, mostDays)) * 24 * time.Hour, nil
		}
	} else if d, err := time.ParseDuration(string(t)); err == nil && d > 0 {
		return d, nil
	}
	return 0, projection.Fail(projection.BadRequest, "%q is not a term; give days, weeks or hours, such as 180d, 8w or 12h", string(t))
}

// mostDays is the longest term: what a Duration can hold, and a hundred years.
const mostDays = 100 * 366

// Retention says which generated snapshots are kept: the newest ones, and the newest of each of so many days and weeks. The zero
// Retention keeps all. Snapshots that a person named go by their own term alone.
type Retention struct {
	Last   int
	Daily  int
	Weekly int
}

// Validate reports what is wrong.
func (r Retention) Validate() error {
	if r.Last < 0 || r.Daily < 0 || r.Weekly < 0 {
		return fmt.Errorf("engine: retention of %d last, %d daily, %d weekly snapshots; none may be negative", r.Last, r.Daily, r.Weekly)
	}
	return nil
}

// expired returns the names of the snapshots that may go.
func (r Retention) expired(all []*snapshotstore.Manifest, now time.Time) []string {
	var generated []*snapshotstore.Manifest
	var out []string
	for _, m := range all {
		switch term, err := Term(m.Keep).Duration(); {
		case m.Hold:
		case err == nil && term > 0 && now.Sub(m.CreatedAt) >= term:
			out = append(out, m.Name)
		case m.Generated && m.Keep == "":
			generated = append(generated, m)
		}
	}
	if r == (Retention{}) {
		return out
	}
	return append(out, r.surplus(generated)...)
}

// surplus returns the generated snapshots that no rule keeps.
func (r Retention) surplus(generated []*snapshotstore.Manifest) []string {
	slices.SortFunc(generated, func(a, b *snapshotstore.Manifest) int { // the newest first
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(b.StreamSequence, a.StreamSequence), cmp.Compare(b.Name, a.Name))
	})
	days, weeks := map[string]bool{}, map[string]bool{}
	var out []string
	for i, m := range generated {
		at := m.CreatedAt.UTC()
		year, week := at.ISOWeek()
		kept := i < r.Last
		kept = newest(days, at.Format(time.DateOnly), r.Daily) || kept
		kept = newest(weeks, fmt.Sprintf("%d-%d", year, week), r.Weekly) || kept
		if !kept {
			out = append(out, m.Name)
		}
	}
	return out
}

// newest tells whether this is the first of a period, while fewer periods than the most were met.
func newest(met map[string]bool, period string, most int) bool {
	if met[period] || len(met) >= most {
		return false
	}
	met[period] = true
	return true
}
