package workflow

import (
	"strings"

	"github.com/thecowboyai/cim-projector/aggregate/serde"
	"github.com/thecowboyai/cim-projector/eventlog"
)

// Status says where a process stands.
type Status string

// The statuses of a process. The last three are ends: nothing changes them.
const (
	UnknownStart Status = "unknown_start" // not ended, as far as is known, and its start was never seen
	Running      Status = "running"
	Paused       Status = "paused"
	Completed    Status = "completed"
	Failed       Status = "failed"
	Cancelled    Status = "cancelled"
)

// Ended tells whether a status is an end.
func (s Status) Ended() bool { return s == Completed || s == Failed || s == Cancelled }

// ApprovalStatus says what was last said about an approval.
type ApprovalStatus string

// The statuses of an approval.
const (
	ApprovalRequested ApprovalStatus = "requested"
	ApprovalGranted   ApprovalStatus = "granted"
	ApprovalRejected  ApprovalStatus = "rejected"
)

// Outcome returns how a process ended that says of itself that it completed with this status. CIM's document has no event for
// failure or abort and leaves the enum undefined, so the tag speaks: Failed and Failure, Cancelled, Canceled and Aborted, in any
// case of their letters, are what they say. Everything else, null included, is Completed.
func Outcome(completionStatus eventlog.Value) Status {
	switch strings.ToLower(serde.Kind(completionStatus)) {
	case "failed", "failure":
		return Failed
	case "cancelled", "canceled", "aborted":
		return Cancelled
	}
	return Completed
}
