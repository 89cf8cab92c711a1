package streams

import (
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// DefaultStream is the document's name of the stream of events.
const DefaultStream = "CIM_EVENTS"

// DuplicateWindow is how long the document has a server remember the ids of events.
const DuplicateWindow = 2 * time.Minute

const (
	day  = 24 * time.Hour
	year = 365 * day
)

// DocumentSubjects are those of the document's CIM_EVENTS.
func DocumentSubjects() []string {
	return []string{"event.graph.>", "event.conceptual.>", "event.workflow.>", "event.agent.>", "event.system.>"}
}

// DocumentLimits are those of the document's CIM_EVENTS. Where they are reached, the oldest events are dropped.
func DocumentLimits() Limits {
	return Limits{
		MaxMsgs:         1_000_000,
		MaxBytes:        10 << 30,
		MaxAge:          year,
		MaxMsgSize:      1 << 20,
		MaxConsumers:    100,
		DuplicateWindow: DuplicateWindow,
	}
}

// The kinds of domain streams that the document has.
const (
	GraphDomain      = "graph"
	ConceptualDomain = "conceptual"
	SystemDomain     = "system"
)

// DocumentDomains are the document's domain streams, as copies with limits retention in files. In the document the one
// of graphs is a work queue in memory: set Retention and Storage for that.
func DocumentDomains() []Domain {
	return []Domain{
		{
			Kind: GraphDomain, Name: "CIM_GRAPH_EVENTS", Filters: []string{"event.graph.>"},
			Limits: &Limits{MaxMsgs: 10_000_000, MaxAge: day},
		},
		{
			Kind: ConceptualDomain, Name: "CIM_CONCEPTUAL_EVENTS", Filters: []string{"event.conceptual.>"},
			Limits: &Limits{MaxAge: 5 * year},
		},
		{
			Kind: SystemDomain, Name: "CIM_SYSTEM_EVENTS",
			Filters: []string{"event.system.>", "event.agent.registered", "event.agent.deregistered"},
			Limits:  &Limits{MaxAge: 10 * year},
		},
	}
}

// The document's consumers.
const (
	ProcessorName = "batch_processor"
	UIName        = "realtime_ui_updates"
	UISubject     = "ui.updates"
)

// processor is the document's durable processor of events. The projector does not read through it.
func processor(filters []string) jetstream.ConsumerConfig {
	return jetstream.ConsumerConfig{
		Durable:        ProcessorName,
		Description:    "Event processor: " + ProcessorName,
		FilterSubjects: filters,
		DeliverPolicy:  jetstream.DeliverAllPolicy,
		AckPolicy:      jetstream.AckExplicitPolicy,
		AckWait:        30 * time.Second,
		MaxDeliver:     3,
		MaxAckPending:  1000,
		ReplayPolicy:   jetstream.ReplayInstantPolicy,
	}
}

// userInterface is the document's push consumer for user interfaces.
func userInterface() jetstream.ConsumerConfig {
	return jetstream.ConsumerConfig{
		Durable:     UIName,
		Description: "Real-time updates for UI components",
		FilterSubjects: []string{
			"event.graph.node_created", "event.graph.node_updated", "event.graph.node_deleted",
			"event.graph.edge_created", "event.graph.edge_deleted",
		},
		DeliverPolicy:  jetstream.DeliverNewPolicy,
		DeliverSubject: UISubject,
		AckPolicy:      jetstream.AckNonePolicy,
		ReplayPolicy:   jetstream.ReplayInstantPolicy,
	}
}
