package cli

import (
	"fmt"
	"strconv"
	"time"

	"github.com/thecowboyai/cim-projector/engine"
)

// scheduleSettings say when snapshots are made without anybody asking, and which of them stay.
var scheduleSettings = []setting{
	{name: "snapshot-every", initial: "0", usage: "make a snapshot after every `N` events; 0 is never", check: checkCount},
	{name: "snapshot-interval", initial: "0", usage: "make a snapshot every `TIME`, such as 1h or 1d; 0 is never", check: checkSpan},
	{name: "snapshot-keep-last", initial: "0", usage: "of the snapshots that the schedule makes keep the newest `N`; where all three are 0, all are kept", check: checkCount},
	{name: "snapshot-keep-daily", initial: "0", usage: "of the snapshots that the schedule makes keep the newest of each of the last `N` days", check: checkCount},
	{name: "snapshot-keep-weekly", initial: "0", usage: "of the snapshots that the schedule makes keep the newest of each of the last `N` weeks", check: checkCount},
	{name: "snapshot-drill", initial: "0", usage: "try the newest snapshot every `TIME`; 0 is never", check: checkSpan},
	{name: "undo-term", initial: "24h", usage: "the `TIME` for which a restore can be undone", check: checkTerm},
}

func checkCount(text string) error {
	if _, err := strconv.ParseUint(text, 10, 31); err != nil {
		return fmt.Errorf("%q is not a number; use one such as 1000, or 0", text)
	}
	return nil
}

// count returns a setting that checkCount has checked.
func (s *settings) count(name string) int {
	n, err := strconv.ParseUint(s.text(name), 10, 31)
	if err != nil {
		return 0 // checked before
	}
	return int(n)
}

// span returns a setting that checkSpan has checked.
func (s *settings) span(name string) time.Duration {
	d, err := parseSpan(s.text(name))
	if err != nil {
		return 0 // checked before
	}
	return d
}

// schedule is what the settings say about snapshots that nobody asks for.
func (s *settings) schedule() (engine.Schedule, engine.Retention) {
	return engine.Schedule{
			Events: uint64(s.count("snapshot-every")), Interval: s.span("snapshot-interval"), Drill: s.span("snapshot-drill"),
			Undo: s.span("undo-term"),
		}, engine.Retention{
			Last: s.count("snapshot-keep-last"), Daily: s.count("snapshot-keep-daily"), Weekly: s.count("snapshot-keep-weekly"),
		}
}
