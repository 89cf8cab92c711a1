package natslog

import (
	"fmt"

	"github.com/nats-io/nats.go/jetstream"
)

// CheckOrigin tells whether a history can be read from a stream. It fails with *RetentionError where reading or acknowledging
// removes messages, and otherwise returns what is allowed but doubtful, one sentence each. It is the one place of this rule.
func CheckOrigin(info *jetstream.StreamInfo) (warnings []string, err error) {
	name := info.Config.Name
	if info.Config.Retention != jetstream.LimitsPolicy {
		return nil, &RetentionError{Stream: name, Retention: info.Config.Retention}
	}
	if info.Config.Storage == jetstream.MemoryStorage {
		warnings = append(warnings, fmt.Sprintf(
			"stream %s is stored in memory: a restart of the server is the end of its history", name))
	}
	if info.Config.Mirror != nil {
		warnings = append(warnings, fmt.Sprintf(
			"stream %s is a mirror of %s: it does not notice when that one is recreated", name, info.Config.Mirror.Name))
	}
	return warnings, nil
}
