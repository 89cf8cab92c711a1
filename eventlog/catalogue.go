package eventlog

import (
	"maps"
	"slices"
	"strings"
)

// catalogue holds, for each domain, the canonical types and the other names that producers have for them, in snake
// case. Names without another are listed so that they are known in the spellings that have no separators.
var catalogue = map[string]map[string]string{
	"graph": {
		"graph_created":              "graph_initialized",
		"graph_updated":              "graph_renamed graph_tagged graph_untagged metadata_updated",
		"graph_deleted":              "",
		"graph_archived":             "",
		"graph_cleared":              "",
		"graph_snapshot":             "",
		"node_created":               "node_added",
		"node_updated":               "node_content_changed",
		"node_moved":                 "",
		"node_deleted":               "node_removed",
		"edge_created":               "edge_added edge_connected",
		"edge_updated":               "",
		"edge_reversed":              "",
		"edge_deleted":               "edge_removed edge_disconnected",
		"layout_calculated":          "layout_updated layout_changed layout",
		"nodes_bulk_added":           "bulk_nodes_added bulk_nodes",
		"edges_bulk_added":           "bulk_edges_added bulk_edges",
		"layout_progress":            "",
		"graph_derived":              "",
		"graphs_merged":              "",
		"graph_split":                "",
		"graph_transformed":          "",
		"sub_graph_added":            "",
		"property_added":             "",
		"cross_graph_link_created":   "",
		"graph_import_requested":     "",
		"graph_import_completed":     "",
		"graph_import_failed":        "",
		"user_presence_updated":      "",
		"performance.slow_operation": "",
		"performance.memory_usage":   "",
	},
	"conceptual": {
		"space_created":        "conceptual_space_created",
		"dimension_added":      "quality_dimension_added",
		"concept_added":        "concept_mapped concept_defined",
		"concept_moved":        "",
		"embedding_calculated": "",
		"similarity_computed":  "similarity_updated similarity_calculated",
		"category_formed":      "region_formed region_added region_defined",
		"space_recalibrated": "metric_updated weights_removed weights_added " +
			"dimension_weights_removed dimension_weights_added",
		"properties_added":                  "",
		"property_inferred":                 "",
		"relation_added":                    "",
		"category_suggested":                "",
		"batch_progress":                    "",
		"category_discovery_progress":       "",
		"performance.embedding_calculation": "",
		"performance.similarity_search":     "",
	},
	"workflow": {
		"workflow_created":                  "workflow_defined",
		"process_started":                   "execution_started workflow_started instance_created",
		"process_completed":                 "execution_completed workflow_completed",
		"process_failed":                    "workflow_failed",
		"process_paused":                    "workflow_paused workflow_suspended",
		"process_resumed":                   "workflow_resumed",
		"process_cancelled":                 "workflow_cancelled workflow_aborted process_aborted",
		"step_started":                      "step_execution_started task_started workflow_step_started",
		"step_completed":                    "step_execution_completed task_completed workflow_step_completed",
		"step_failed":                       "step_execution_failed workflow_step_failed",
		"step_skipped":                      "",
		"decision_reached":                  "decision_made",
		"state_transitioned":                "workflow_transitioned workflow_transition_executed",
		"state_added":                       "",
		"state_entered":                     "",
		"state_exited":                      "",
		"transition_added":                  "",
		"transition_triggered":              "",
		"task_assigned":                     "",
		"task_reassigned":                   "",
		"workflow_validated":                "",
		"steps_connected":                   "",
		"step_added":                        "",
		"step_removed":                      "",
		"step_assignment_changed":           "",
		"step_dependency_added":             "",
		"step_dependency_removed":           "",
		"step_configuration_added":          "",
		"step_configuration_removed":        "",
		"step_approval_requested":           "",
		"step_approval_granted":             "",
		"step_approval_rejected":            "",
		"workflow_metadata_added":           "",
		"workflow_metadata_removed":         "",
		"workflow_context_variable_set":     "",
		"workflow_context_variable_removed": "",
		"cross_domain_operation_requested":  "",
		"cross_domain_operation_completed":  "",
		"cross_domain_operation_failed":     "",
		"event_subscription_requested":      "",
		"event_subscription_cancelled":      "",
		"event_received":                    "",
		"transaction_started":               "",
		"transaction_prepared":              "",
		"transaction_committed":             "",
		"transaction_rolled_back":           "",
	},
	"agent": {
		"registered":                   "agent_registered agent_created agent_deployed",
		"deregistered":                 "agent_deregistered agent_decommissioned agent_terminated",
		"capability_updated":           "capability_added",
		"task_assigned":                "",
		"task_completed":               "",
		"collaboration_initiated":      "",
		"conversation_started":         "",
		"agent_activated":              "",
		"agent_suspended":              "",
		"model_configured":             "",
		"model_configuration_assigned": "",
		"system_prompt_configured":     "",
		"message_sent":                 "",
		"response_chunk_received":      "",
		"response_completed":           "",
		"response_failed":              "",
	},
	"subgraph": {
		"subgraph_created": "", "subgraph_removed": "", "subgraph_moved": "", "subgraph_imported": "",
		"node_added_to_subgraph": "", "node_removed_from_subgraph": "", "inter_subgraph_edge_created": "",
	},
	"system": {
		"node_joined":                    "",
		"performance_threshold_exceeded": "",
	},
	"dlq": {
		"processing_failed": "",
	},
	"ipld": {
		"cid_added": "", "cid_link_added": "", "cid_pinned": "", "cid_unpinned": "",
	},
	"context": {
		"bounded_context_created": "", "aggregate_added": "", "entity_added": "", "value_object_attached": "",
		"relationship_established": "",
	},
}

// rootOf is the aggregate that a domain's short names are about: "created" of the domain conceptual is of a space.
func rootOf(domain string) string {
	if domain == "conceptual" {
		return "space"
	}
	return domain
}

// typeName is a known name: the producer's in snake case, and ours.
type typeName struct {
	name, canonical string
}

// lexicon finds the names of one domain.
type lexicon struct {
	exact    map[string]typeName
	squashed map[string]typeName
}

var lexicons = func() map[string]lexicon {
	out := map[string]lexicon{}
	for domain, types := range catalogue {
		l := lexicon{map[string]typeName{}, map[string]typeName{}}
		for canonical, aliases := range types {
			for _, name := range append(strings.Fields(aliases), canonical) {
				l.exact[name] = typeName{name, canonical}
				l.squashed[squash(name)] = typeName{name, canonical}
			}
		}
		out[domain] = l
	}
	return out
}()

// domainsOfNames are the domains that a name alone may stand for.
var domainsOfNames = slices.Sorted(maps.Keys(lexicons))
