package eventmodel

import (
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/projection/finding"
)

// Check implements projection.Checker: every event that was applied is counted under one type, every record that was kept under
// one code, and each row stands under its key.
func (m *model) Check(v *projection.View) []string {
	var all finding.List
	var events, records, types uint64
	m.types.Scan(v, "", "", func(key projection.Key, r *typeRow) bool {
		want := projection.MakeKey(r.Domain, r.Type, r.Subject)
		if r.Folded {
			want = folded.key
		} else {
			types++
		}
		if key != want {
			all.Found("type %q of domain %q stands under the key %q", r.Type, r.Domain, key)
		}
		events += r.Seen.Count
		return all.Wanted()
	})
	m.undecodable.Scan(v, "", "", func(key projection.Key, r *codeRow) bool {
		if key != projection.MakeKey(string(r.Code)) {
			all.Found("code %q stands under the key %q", r.Code, key)
		}
		records += r.Seen.Count
		return all.Wanted()
	})
	if counts := v.Counts(); events != counts.Applied || records != counts.DeadLetters {
		all.Found("%d events and %d undecodable records are counted, %d and %d were seen",
			events, records, counts.Applied, counts.DeadLetters)
	}
	var have totals
	if row, ok := m.totals.Get(v, totalsKey); ok {
		have = *row
	}
	if have.Types != types || types > MaxTypes {
		all.Found("%d types have rows, %d are counted, at most %d may be", types, have.Types, MaxTypes)
	}
	return all.Problems()
}
