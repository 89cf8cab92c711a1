package eventlog_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// aliases are CIM's names: the canonical one, and all that stand for it. A row is a row of the catalogue.
var aliases = []struct {
	domain, canonical, names string
}{
	{"graph", "graph_created",
		"graph_created GraphCreated graph.created created GraphInitialized graphcreated graphinitialized"},
	{"graph", "graph_updated",
		"GraphUpdated GraphRenamed GraphTagged GraphUntagged MetadataUpdated updated graph.updated"},
	{"graph", "graph_deleted", "GraphDeleted deleted"},
	{"graph", "graph_archived", "GraphArchived archived grapharchived"},
	{"graph", "graph_cleared", "GraphCleared"},
	{"graph", "node_created",
		"node_created node_added NodeAdded NodeAddedEvent NodeCreated nodeadded node.added node.created"},
	{"graph", "node_updated", "node_updated NodeUpdated NodeContentChanged node.updated"},
	{"graph", "node_moved", "node_moved NodeMoved NodeMovedEvent"},
	{"graph", "node_deleted", "node_deleted node_removed NodeRemoved NodeRemovedEvent node.removed noderemoved"},
	{"graph", "edge_created",
		"edge_created edge_connected edge_added EdgeAdded EdgeConnected EdgeCreatedEvent edge.added edgeadded"},
	{"graph", "edge_updated", "edge_updated EdgeUpdated"},
	{"graph", "edge_reversed", "edge_reversed EdgeReversed"},
	{"graph", "edge_deleted", "edge_deleted edge_removed EdgeRemoved EdgeDisconnected edge.removed"},
	{"graph", "layout_calculated", "layout_calculated layout_updated LayoutChanged"},
	{"graph", "nodes_bulk_added", "BulkNodesAdded"},
	{"graph", "edges_bulk_added", "BulkEdgesAdded"},
	{"graph", "graph_snapshot", "GraphSnapshot"},
	{"conceptual", "space_created", "space_created ConceptualSpaceCreated SpaceCreated conceptualspacecreated created"},
	{"conceptual", "dimension_added", "QualityDimensionAdded"},
	{"conceptual", "concept_added",
		"concept_added ConceptAdded ConceptMapped ConceptDefined concept_mapped conceptdefined"},
	{"conceptual", "concept_moved", "concept_moved"},
	{"conceptual", "embedding_calculated", "embedding_calculated EmbeddingCalculatedEvent"},
	{"conceptual", "similarity_computed",
		"similarity_computed similarity_updated similarity_calculated SimilarityCalculated"},
	{"conceptual", "category_formed", "category_formed region_formed RegionAdded RegionDefined regionadded"},
	{"conceptual", "space_recalibrated",
		"space_recalibrated MetricUpdated DimensionWeightsRemoved DimensionWeightsAdded WeightsRemoved " +
			"WeightsAdded dimensionweightsadded"},
	{"workflow", "workflow_created",
		"workflow_created WorkflowCreated WorkflowDefined workflowcreated workflowdefined created"},
	{"workflow", "process_started",
		"process_started execution_started WorkflowStarted InstanceCreated started instancecreated"},
	{"workflow", "step_started",
		"StepExecutionStarted TaskStarted WorkflowStepStarted step.started stepexecutionstarted"},
	{"workflow", "step_completed",
		"step_completed StepExecutionCompleted StepCompleted TaskCompleted WorkflowStepCompleted step.completed"},
	{"workflow", "step_failed", "StepExecutionFailed StepFailed WorkflowStepFailed step.failed"},
	{"workflow", "decision_reached", "decision_reached decision_made"},
	{"workflow", "process_completed", "process_completed execution_completed WorkflowCompleted completed"},
	{"workflow", "process_failed", "WorkflowFailed failed"},
	{"workflow", "process_paused", "WorkflowPaused WorkflowSuspended paused"},
	{"workflow", "process_resumed", "WorkflowResumed"},
	{"workflow", "process_cancelled", "WorkflowCancelled"},
	{"workflow", "state_transitioned",
		"StateTransitioned WorkflowTransitioned WorkflowTransitionExecuted statetransitioned"},
	{"agent", "registered", "registered agent_created AgentDeployed deployed"},
	{"agent", "capability_updated", "capability_updated capability_added"},
	{"agent", "deregistered", "deregistered AgentDecommissioned terminated"},
}

// typeOf decodes an event with this type in the document's envelope.
func typeOf(t *testing.T, domain, name string) eventlog.Event {
	t.Helper()
	body := fmt.Sprintf(`{"event_type":%q,"payload":{"a":1}}`, name)
	e, err := eventlog.Decode(&eventlog.Record{Subject: "event." + domain + ".any", Body: []byte(body)})
	if err != nil {
		t.Fatalf("Decode of the type %q: %v", name, err)
	}
	return e
}

func TestAliases(t *testing.T) {
	for _, row := range aliases {
		for name := range strings.FieldsSeq(row.names + " " + row.canonical) {
			for _, spelled := range []string{
				name, "event." + row.domain + "." + name, "events." + name, row.domain + "." + row.domain + "." + name,
				name + ".v1",
			} {
				if got := typeOf(t, row.domain, spelled); got.Type != row.canonical || got.Domain != row.domain {
					t.Errorf("%q in the domain %s is %s of %s, want %s", spelled, row.domain, got.Type, got.Domain,
						row.canonical)
				}
			}
		}
	}
}

// TestNames holds that the producer's name stays readable beside the canonical one.
func TestNames(t *testing.T) {
	for _, test := range []struct{ domain, name, wantName, wantType string }{
		{"graph", "nodeadded", "node_added", "node_created"},
		{"graph", "node.added", "node_added", "node_created"},
		{"graph", "NodeAddedEvent", "node_added", "node_created"},
		{"graph", "GraphTagged", "graph_tagged", "graph_updated"},
		{"graph", "created", "graph_created", "graph_created"},
		{"graph", "performance.slow_operation", "performance.slow_operation", "performance.slow_operation"},
		{"graph", "NodePainted", "node_painted", "node_painted"},
		{"graph", "node.painted", "node.painted", "node.painted"},
		{"graph", "graph.Node_Painted", "node_painted", "node_painted"},
		{"graph", "nodepainted", "nodepainted", "nodepainted"},
		{"graph", "workflow.started", "workflow.started", "workflow.started"},
		{"graph", "started", "started", "started"},
		{"graph", "event", "event", "event"},
		{"workflow", "task.completed", "task_completed", "step_completed"},
		{"workflow", "TaskAssigned", "task_assigned", "task_assigned"},
		{"agent", "TaskCompleted", "task_completed", "task_completed"},
		{"agent", "agent_task_assigned", "task_assigned", "task_assigned"},
		{"system", "NodeAdded", "node_added", "node_added"},
		{"billing", "billing.InvoiceSentEvent", "invoice_sent", "invoice_sent"},
		{"billing", "created", "created", "created"},
	} {
		if got := typeOf(t, test.domain, test.name); got.Name != test.wantName || got.Type != test.wantType {
			t.Errorf("%q in %s is %q, %q, want %q, %q", test.name, test.domain, got.Name, got.Type, test.wantName,
				test.wantType)
		}
	}
}

// TestShortNames holds that a short name is completed by what the event is about, and by nothing else.
func TestShortNames(t *testing.T) {
	for _, test := range []struct{ subject, body, want string }{
		{"event.node.added", `{"a":1}`, "event.graph.node_created"},
		{"event.node.any", `{"event_type":"added","payload":{}}`, "event.graph.node_created"},
		{"event.graph.any", `{"event_type":"added","aggregate_type":"Edge","payload":{}}`, "event.graph.edge_created"},
		{"event.graph.any", `{"Edge":{"Removed":{}}}`, "event.graph.edge_deleted"},
		{"event.graph.any", `{"event_type":"removed","aggregate_type":"Agent","payload":{}}`, "event.graph.removed"},
		{"event.graph.any", `{"event_type":"created","aggregate_type":"Agent","payload":{}}`,
			"event.graph.graph_created"},
		{"event.node.archived", `{"a":1}`, "event.graph.archived"},
		{"event.graph.archived", `{"a":1}`, "event.graph.graph_archived"},
		{"event.workflow.any", `{"event_type":"completed","aggregate_type":"Step","payload":{}}`,
			"event.workflow.step_completed"},
		{"event.workflow.any", `{"event_type":"completed","aggregate_type":"Process","payload":{}}`,
			"event.workflow.process_completed"},
		{"event.concept.added", `{"a":1}`, "event.conceptual.concept_added"},
		{"agent.events.agent.a-1.deployed", `{"a":1}`, "event.agent.registered"},
	} {
		e, err := eventlog.Decode(&eventlog.Record{Subject: test.subject, Body: []byte(test.body)})
		if got := eventlog.CanonicalSubject(&e); err != nil || got != test.want {
			t.Errorf("%s on %s is %q, %v, want %q", test.body, test.subject, got, err, test.want)
		}
	}
}
