package agent

// Status is where an agent stands in its life.
type Status string

// The lifecycle. It is described, not enforced: every event leads to its status from every other, except that nothing
// but a registration leads out of Deregistered, and a configuration leads only from the first two to Configured.
const (
	Unknown      Status = "unknown" // a placeholder of which nothing but its existence, tasks or attributes are known
	Registered   Status = "registered"
	Configured   Status = "configured" // has a model
	Active       Status = "active"
	Suspended    Status = "suspended"
	Deregistered Status = "deregistered" // or decommissioned
)

// Statuses returns all of them, in the order of a life.
func Statuses() []Status {
	return []Status{Unknown, Registered, Configured, Active, Suspended, Deregistered}
}

// TaskStatus is where a task stands.
type TaskStatus string

// A task that is completed stays completed.
const (
	Assigned  TaskStatus = "assigned"
	Completed TaskStatus = "completed"
)
