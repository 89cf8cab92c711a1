package streams

import (
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// minSpan is the shortest time that the server takes for ages and windows.
const minSpan = 100 * time.Millisecond

// Limits bound a stream. The zero value bounds nothing.
type Limits struct {
	MaxMsgs         int64         // 0 = any number
	MaxBytes        int64         // 0 = as many as the disk has
	MaxAge          time.Duration // 0 = for ever
	MaxMsgSize      int32         // of one message in bytes; 0 = what the server takes
	MaxConsumers    int           // 0 = any number
	DuplicateWindow time.Duration // how long the ids of events are remembered; 0 = DuplicateWindow, or MaxAge where that is shorter

	// Discard says what happens at the limit: the oldest events go, or new ones are refused.
	Discard jetstream.DiscardPolicy
}

// validate refuses what no server takes. No limits are valid ones.
func (l *Limits) validate(stream string) error {
	if l == nil {
		return nil
	}
	var problems []error
	refuse := func(format string, args ...any) {
		problems = append(problems, fmt.Errorf("streams: limits of "+stream+": "+format, args...))
	}
	if l.MaxMsgs < 0 || l.MaxBytes < 0 || l.MaxMsgSize < 0 || l.MaxConsumers < 0 || l.MaxAge < 0 || l.DuplicateWindow < 0 {
		refuse("none may be negative; leave out what is not to be limited")
	}
	if l.MaxAge > 0 && l.MaxAge < minSpan || l.DuplicateWindow > 0 && l.DuplicateWindow < minSpan {
		refuse("times below %s are not possible", minSpan)
	}
	if l.MaxAge > 0 && l.DuplicateWindow > l.MaxAge {
		refuse("the duplicate window %s is longer than the greatest age %s; ids are forgotten with their events",
			l.DuplicateWindow, l.MaxAge)
	}
	if l.Discard != jetstream.DiscardOld && l.Discard != jetstream.DiscardNew {
		refuse("discard policy %d does not exist", l.Discard)
	}
	return errors.Join(problems...)
}

// put writes the limits into a configuration, as the server states them.
func (l Limits) put(cfg *jetstream.StreamConfig) {
	cfg.MaxMsgs, cfg.MaxBytes, cfg.MaxAge = orUnlimited(l.MaxMsgs), orUnlimited(l.MaxBytes), l.MaxAge
	cfg.MaxMsgSize, cfg.MaxConsumers = orUnlimited(l.MaxMsgSize), orUnlimited(l.MaxConsumers)
	cfg.Discard = l.Discard
	if len(cfg.Sources) > 0 && l.DuplicateWindow == 0 {
		return // what a stream is fed with is never looked at for duplicates
	}
	cfg.Duplicates = l.DuplicateWindow
	if cfg.Duplicates == 0 {
		cfg.Duplicates = DuplicateWindow
	}
	if cfg.MaxAge > 0 {
		cfg.Duplicates = min(cfg.Duplicates, cfg.MaxAge)
	}
}

// orUnlimited is how the server states that there is no limit.
func orUnlimited[N int | int32 | int64](n N) N {
	if n == 0 {
		return -1
	}
	return n
}
