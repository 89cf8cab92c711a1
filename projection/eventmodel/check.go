package eventmodel

import (
	"fmt"

	"github.com/thecowboyai/cim-projector/projection"
)

// Check implements projection.Checker: every event that was applied is counted under one type, every record that was kept under
// one code, and each row stands under its key.
func (m *model) Check(v *projection.View) (problems []string) {
	found := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	var events, records, types uint64
	m.types.Scan(v, "", "", func(key projection.Key, r *typeRow) bool {
		want := projection.MakeKey(r.Domain, r.Type, r.Subject)
		if r.Folded {
			want = folded.key
		} else {
			types++
		}
		if key != want {
			found("type %q of domain %q stands under the key %q", r.Type, r.Domain, key)
		}
		events += r.Seen.Count
		return len(problems) < maxProblems
	})
	m.undecodable.Scan(v, "", "", func(key projection.Key, r *codeRow) bool {
		if key != projection.MakeKey(string(r.Code)) {
			found("code %q stands under the key %q", r.Code, key)
		}
		records += r.Seen.Count
		return len(problems) < maxProblems
	})
	if counts := v.Counts(); events != counts.Applied || records != counts.DeadLetters {
		found("%d events and %d undecodable records are counted, %d and %d were seen",
			events, records, counts.Applied, counts.DeadLetters)
	}
	var have totals
	if row, ok := m.totals.Get(v, totalsKey); ok {
		have = *row
	}
	if have.Types != types || types > MaxTypes {
		found("%d types have rows, %d are counted, at most %d may be", types, have.Types, MaxTypes)
	}
	return problems
}

// maxProblems is about how many sentences Check returns at most.
const maxProblems = 100
