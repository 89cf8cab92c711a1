package cli_test

import "fmt"

func (h *teller) node() string { return fmt.Sprintf("n%d", h.random.IntN(9)) }

func (h *teller) concept() string { return fmt.Sprintf("c%d", h.random.IntN(8)) }

func (h *teller) point() obj {
	return obj{"x": float64(h.random.IntN(200)) / 8, "y": float64(h.random.IntN(200)) / 8, "z": 0.5}
}

// graph lets a graph grow and change, and lose a node with its edges. Edges may come before their nodes, and dangle.
func (h *teller) graph(g string) {
	tell := func(kind string, payload obj) {
		payload["graph_id"] = g
		h.event("graph", kind, g, payload)
	}
	tell("graph_created", obj{"graph_type": "ConceptualGraph", "name": "Graph " + g, "owner": "user-1", "access_policy": "Private"})
	for i := range 7 {
		tell("node_created", obj{
			"node_id": h.node(), "node_type": []any{obj{"Concept": obj{"name": "N"}}, "Process"}[i%2], "position": h.point(),
			"components": []any{obj{"Metadata": obj{"rank": i}}}, "metadata": obj{"rank": i},
		})
	}
	for i := range 8 {
		tell("edge_created", obj{
			"edge_id": fmt.Sprintf("e%d", h.random.IntN(12)), "source_node": h.node(), "target_node": h.node(),
			"edge_type": obj{[]string{"Similarity", "Hierarchy"}[i%2]: obj{"strength": 0.5}}, "weight": 0.25, "properties": obj{"i": i},
		})
	}
	tell("edge_updated", obj{"edge_id": "e1", "changes": obj{"weight": 0.75, "properties": obj{"checked": true}}, "new_properties": obj{}})
	tell("node_updated", obj{"node_id": h.node(), "changes": obj{"position": h.point(), "metadata": obj{"note": "<b> & é"},
		"component_updates": []any{obj{"Add": obj{"Visual": obj{"size": 2}}}, obj{"Remove": "Metadata"}}}})
	tell("node_moved", obj{"node_id": h.node(), "new_position": h.point()})
	tell("layout_calculated", obj{"layout_algorithm": "Circular", "layout_metrics": obj{}, "calculation_time_ms": 4,
		"node_positions": obj{"n0": h.point(), "n1": h.point(), "n2": h.point(), "n99": h.point()}})
	tell("node_deleted", obj{"node_id": h.node(), "connected_edges": []any{"e2", "e11"}, "reason": "UserRequested"})
	tell("edge_deleted", obj{"edge_id": "e3", "reason": "UserRequested"})
	tell("layout_progress", obj{"completion_percentage": 50, "completed": false})
	tell("user_presence_updated", obj{"user_id": "user-1", "presence_info": obj{}})
}

// concepts embeds concepts again and again, and recalibrates their space.
func (h *teller) concepts() {
	space := func(kind string, payload obj) {
		payload["space_id"] = "s0"
		h.event("conceptual", kind, "s0", payload)
	}
	space("space_created", obj{"name": "Space"})
	space("space_recalibrated", obj{"affected_entities": []any{h.concept(), h.concept()}, "dimension_changes": []any{
		obj{"Add": obj{"name": "d0", "dimension_type": "Continuous", "range": obj{"start": 0, "end": 1}, "weight": 0.5}},
		obj{"Add": obj{"name": "d1", "dimension_type": "Circular", "range": obj{"start": 0, "end": 360}, "weight": 1}},
		obj{"Add": obj{"name": "d2", "dimension_type": "Continuous", "range": obj{"start": 0, "end": 1}, "weight": 1}},
		obj{"ModifyWeight": obj{"name": "d0", "new_weight": 1.5}}, obj{"Remove": "d9"},
	}})
	for range 6 {
		c := h.concept()
		h.event("conceptual", "embedding_calculated", c, obj{
			"entity_id": c, "entity_type": "Concept", "embedding_model": "m", "confidence_score": 0.5, "computation_time_ms": 3,
			"embedding_vector": []any{h.random.IntN(9), h.random.IntN(9), float64(h.random.IntN(9)) / 4},
		})
	}
	c := h.concept()
	space("concept_added", obj{"concept_id": c, "name": "Concept " + c})
	space("concept_moved", obj{"concept_id": c, "new_position": []any{0.25, 350, 1}})
	for _, similarity := range []string{"Cosine", "Euclidean"} {
		h.event("conceptual", "similarity_computed", c, obj{"entity_a": c, "entity_b": h.concept(), "similarity_score": 0.375,
			"similarity_type": similarity, "threshold_exceeded": true})
	}
	h.event("conceptual", "similarity_updated", c, obj{"concept_a": c, "concept_b": h.concept(), "new_similarity": 0.625})
	category := fmt.Sprintf("k%d", h.random.IntN(3))
	h.event("conceptual", "category_formed", category, obj{"category_id": category, "category_name": "K", "confidence": 0.5,
		"member_entities": []any{h.concept(), h.concept(), c}, "prototype_entity": c, "convex_region": obj{}})
}

// process runs a process with a loop. Some end well, some fail, are cancelled, or wait.
func (h *teller) process(p string) {
	tell := func(kind string, payload obj) {
		payload["workflow_id"], payload["process_instance_id"] = "review", p
		h.event("workflow", kind, p, payload)
	}
	h.event("workflow", "workflow_created", "review", obj{"workflow_id": "review", "name": "Review"})
	tell("process_started", obj{"start_node": "collect", "input_data": obj{"p": p}, "initiator": "user-1", "context": obj{}})
	tell("step_completed", obj{"step_id": "collect", "step_type": "Task", "execution_time_ms": 5, "output_data": obj{},
		"next_steps": []any{"check"}})
	for range 1 + h.random.IntN(3) {
		tell("step_started", obj{"step_id": "check"})
		tell("step_failed", obj{"step_id": "check", "error": "late"})
		tell("step_completed", obj{"step_id": "check", "step_type": "Task", "execution_time_ms": 7, "output_data": obj{},
			"next_steps": []any{"decide"}})
		tell("decision_reached", obj{"decision_node": "decide", "decision_criteria": "Open", "chosen_path": "check", "confidence": 0.125,
			"evaluation_data": obj{}})
	}
	tell("process_paused", obj{"reason": "lunch"})
	switch h.random.IntN(5) {
	case 0:
		tell("process_resumed", obj{})
		tell("process_completed", obj{"completion_status": "Success", "final_output": obj{"ok": true},
			"total_execution_time_ms": 12, "steps_executed": 2})
	case 1:
		tell("process_completed", obj{"completion_status": obj{"Failed": obj{"reason": "no"}}, "final_output": obj{}})
	case 2:
		tell("process_failed", obj{"error": "broken"})
	case 3:
		tell("process_cancelled", obj{"reason": "enough"})
		tell("step_completed", obj{"step_id": "check", "step_type": "Task", "execution_time_ms": 1, "next_steps": []any{}})
	}
}

// agents register, learn, work and leave.
func (h *teller) agents(round int) {
	a := fmt.Sprintf("a%d", round%3)
	tell := func(kind string, payload obj) {
		payload["agent_id"] = a
		h.event("agent", kind, a, payload)
	}
	task := fmt.Sprintf("t%d", round)
	tell("registered", obj{"agent_type": "Curator", "capabilities": []any{"embed", "draw"}, "communication_patterns": []any{}})
	tell("capability_updated", obj{"added_capabilities": []any{"review"}, "removed_capabilities": []any{"draw", "sing"}})
	tell("task_assigned", obj{"task_id": task, "task_type": "Embed", "priority": "High", "task_parameters": obj{}, "assigner": "user-1"})
	tell("task_assigned", obj{"task_id": task + "b", "task_type": obj{"Layout": obj{}}, "priority": "Low", "assigner": "user-1"})
	tell("conversation_started", obj{})
	tell("task_completed", obj{"task_id": task})
	h.event("agent", "collaboration_initiated", "x", obj{"collaboration_id": fmt.Sprintf("x%d", round), "collaboration_type": "PeerReview",
		"participating_agents": []any{a, "a9"}, "shared_context": obj{}, "coordination_pattern": "RoundRobin"})
	if round%3 == 2 {
		tell("deregistered", obj{})
	}
	h.event("system", "node_joined", "leaf", obj{"node_id": fmt.Sprintf("leaf-%d", round%2), "node_type": "Leaf",
		"capabilities": []any{"storage"}, "network_address": "10.0.0.5:4222"})
	h.event("system", "performance_threshold_exceeded", "leaf", obj{"metric_name": fmt.Sprintf("m%d", round%2), "current_value": 75.5,
		"threshold_value": 60, "severity": "Warning", "affected_components": []any{}, "recommended_actions": []any{"wait"}})
}

// telemetry is what no read model changes by.
func (h *teller) telemetry(round int) {
	h.event("graph", "performance.slow_operation", "g0", obj{"graph_id": "g0", "operation_type": "layout", "duration_ms": 900 + round})
	h.event("graph", "performance.memory_usage", "g0", obj{"graph_id": "g0", "usage_percentage": 80})
	h.event("conceptual", "category_suggested", "k", obj{"category_name": "K", "coherence_score": 0.5})
	h.event("conceptual", "batch_progress", "k", obj{"processed_count": 1, "total_count": 2, "completed": false})
	h.event("conceptual", "category_discovery_progress", "k", obj{"categories_found": 1, "average_coherence": 0.5})
	h.event("conceptual", "performance.embedding_calculation", "k", obj{"calculation_time_ms": 3, "concept_count": 4})
	h.event("conceptual", "performance.similarity_search", "k", obj{"search_time_ms": 3, "comparisons_made": 4})
}

// renamed are events of the document under other names.
func (h *teller) renamed() {
	h.event("graph", "NodeAdded", "g2", obj{"graph_id": "g2", "node_id": "n20", "node_type": "task", "position": []any{1, 2, 3}})
	h.event("graph", "EdgeAdded", "g2", obj{"graph_id": obj{"id": "g2"}, "edge_id": "e20", "source_id": "n20", "target_id": "nowhere"})
	h.event("graph", "node_added", "g2", obj{"graph_id": "g2", "node_id": "n21", "node_type": "Process", "position": obj{"x": 1, "y": 2}})
	h.event("graph", "edge_connected", "g2", obj{"graph_id": "g2", "edge_id": "e21", "source": "n20", "target": "n21", "weight": 1})
	h.event("graph", "node_removed", "g2", obj{"graph_id": "g2", "node_id": "n21", "cascade_edges": []any{"e21"}})
	h.event("conceptual", "region_formed", "k9", obj{"region_id": "k9", "name": "Region", "member_concepts": []any{"c0"}, "prototype": "c0"})
	h.event("conceptual", "similarity_calculated", "c0", obj{"concept1": "c0", "concept2": "c1", "similarity": 0.875, "metric": "Cosine"})
	h.event("agent", "agent_created", "a5", obj{"agent_id": "a5", "agent_type": "Writer"})
	h.event("agent", "capability_added", "a5", obj{"agent_id": "a5", "capability": "embed"})
	h.event("workflow", "execution_started", "p9", obj{"execution_id": "p9", "workflow_id": "review", "start_step": "collect"})
	h.event("workflow", "decision_made", "p9", obj{"execution_id": "p9", "step_id": "collect", "chosen_path": "check"})
	h.event("workflow", "execution_completed", "p9", obj{"execution_id": "p9"})
}

// deeds are events under the names and fields that they have elsewhere in CIM.
func (h *teller) deeds() {
	h.renamed()
	h.event("conceptual", "ConceptDefined", "c0", obj{"concept_id": "c0", "name": "Zero", "definition": "nothing"})
	h.event("conceptual", "PropertiesAdded", "c0", obj{"concept_id": "c0", "properties": []any{[]any{"size", 0.5}}})
	h.event("conceptual", "RelationAdded", "c0", obj{"source_concept": "c0", "target_concept": "c1", "relation_type": "before", "strength": 1})
	h.event("conceptual", "PropertyInferred", "c0", obj{"concept_id": "c0", "property_name": "risk", "inferred_value": 0.25, "confidence": 0.5})
	machine := func(kind string, payload obj) {
		payload["workflow_id"] = "machine"
		h.event("workflow", kind, "machine", payload)
	}
	machine("WorkflowDefined", obj{"name": "Machine", "version": "1.0.0"})
	machine("StateAdded", obj{"state_id": "new", "state_type": "initial"})
	machine("StateAdded", obj{"state_id": "done", "state_type": "final"})
	machine("TransitionAdded", obj{"from_state": "new", "to_state": "done", "trigger": "ship"})
	machine("InstanceCreated", obj{"instance_id": "machine-1", "initial_state": "new"})
	h.event("workflow", "StateTransitioned", "machine", obj{"instance_id": "machine-1", "from_state": "new", "to_state": "done"})
}

// code are the events of graphs that CIM's producers have and its document has not. Each graph is in one producer's fields.
func (h *teller) code() {
	about := func(g string) func(kind string, payload obj) {
		return func(kind string, payload obj) {
			payload["graph_id"] = g
			h.event("graph", kind, g, payload)
		}
	}
	h.domainGraph(about("c0"))
	h.alchemist(about("c1"))
	h.legacy(about("c2"))
	tell := about("c3")
	tell("GraphInitialized", obj{"graph_type": "T", "metadata": obj{"k": 1}})
	tell("NodeAdded", obj{"node_id": "a", "node_type": "t", "data": obj{"k": 1}})
	tell("NodeAdded", obj{"node_id": "", "node_type": "t", "data": obj{}})
	tell("NodeUpdated", obj{"node_id": "a", "data": obj{"l": 2}})
	tell("EdgeAdded", obj{"edge_id": "aa", "source_id": "a", "target_id": "a", "edge_type": "t", "data": obj{"k": 1}})
	tell("MetadataUpdated", obj{"field": "f", "old_value": nil, "new_value": obj{"v": 1}})
	tell("GraphCleared", obj{})
	tell("NodeAdded", obj{"node_id": "b", "node_type": "t", "data": obj{}})
	tell("SubGraphAdded", obj{"subgraph_id": "s", "graph_type": "T", "namespace": "n"})
}

func (h *teller) domainGraph(tell func(kind string, payload obj)) {
	tell("GraphCreated", obj{"name": "Domain", "description": "D", "graph_type": "Workflow", "metadata": obj{"k": 1}})
	for _, n := range []string{"a", "b", "x"} {
		tell("NodeAdded", obj{"node_id": n, "node_type": "task", "position": obj{"x": 1, "y": 2, "z": 3}, "metadata": obj{"k": 1}})
	}
	tell("EdgeAdded", obj{"edge_id": "ab", "source": "a", "target": "b", "edge_type": "needs", "metadata": obj{},
		"relationship": obj{"Dependency": obj{"dependency_type": "hard", "strength": 0.5}}})
	tell("EdgeAdded", obj{"edge_id": "bx", "source": "b", "target": "x", "relationship": obj{"Flow": obj{"flow_type": "f"}}})
	tell("EdgeUpdated", obj{"edge_id": "ab", "relationship": obj{"Similarity": obj{"score": 0.25}}, "metadata": obj{"l": 2}})
	tell("NodeUpdated", obj{"node_id": "a", "position": obj{"x": 4, "y": 5, "z": 6}, "metadata": obj{"l": 2}})
	tell("NodeRemoved", obj{"node_id": "b"})
	tell("NodeAdded", obj{"node_id": "b", "node_type": "task", "position": obj{"x": 0, "y": 0, "z": 0}, "metadata": obj{"moved": true}})
	tell("NodeRemoved", obj{"node_id": "x"})
	tell("GraphUpdated", obj{"name": nil, "description": "E", "metadata": obj{"l": 2}})
	tell("GraphArchived", obj{"archived_at": "2026-01-01T00:00:00Z"})
	tell("NodeUpdated", obj{"node_id": "a", "position": nil, "metadata": obj{"late": true}})
}

func (h *teller) alchemist(tell func(kind string, payload obj)) {
	tell("NodeAdded", obj{"node_id": "x", "label": "X", "position": []any{1, 2, 3}, "metadata": obj{}})
	tell("GraphSnapshot", obj{"nodes": []any{obj{"id": "a", "label": "A", "position": []any{1, 2, 3}, "metadata": obj{"k": 1}}},
		"edges": []any{obj{"id": "aa", "source_id": "a", "target_id": "a", "weight": 1, "metadata": obj{}}}, "metadata": obj{"version": 1}})
	tell("BulkNodesAdded", obj{"nodes": []any{
		obj{"id": "b", "label": "B", "position": []any{4, 5, 6}, "color": "#ff0000", "size": 2, "metadata": obj{"k": 1}}, obj{"id": ""},
	}})
	tell("BulkEdgesAdded", obj{"edges": []any{
		obj{"id": "ab", "source_id": "a", "target_id": "b", "label": "AB", "weight": 0.75, "color": "blue", "metadata": obj{}},
	}})
	tell("NodeUpdated", obj{"node_id": "a", "label": "AA", "position": nil, "metadata": obj{"l": 2}})
	tell("EdgeUpdated", obj{"edge_id": "aa", "label": "loop", "weight": 0.5})
	tell("LayoutChanged", obj{"layout_type": "Circular"})
	tell("layout_calculated", obj{"layout_algorithm": "Circular", "node_positions": obj{"": h.point(), "a": h.point()}})
}

func (h *teller) legacy(tell func(kind string, payload obj)) {
	tell("GraphCreated", obj{"metadata": obj{"name": "Deleted", "tags": []any{"old"}}})
	tell("NodeAdded", obj{"node_id": "x", "metadata": obj{}, "position": obj{"x": 1, "y": 2, "z": 3}})
	tell("GraphDeleted", obj{})
	tell("GraphCreated", obj{"metadata": obj{"name": "Legacy", "bounded_context": "b", "tags": []any{"t", "s"}}})
	tell("GraphRenamed", obj{"old_name": "Legacy", "new_name": "Renamed"})
	tell("GraphTagged", obj{"tag": "r"})
	tell("GraphUntagged", obj{"tag": "s"})
	tell("GraphImportCompleted", obj{"imported_nodes": 2, "imported_edges": 1})
	tell("NodeAdded", obj{"node_id": "a", "metadata": obj{}, "position": obj{"x": 1, "y": 2, "z": 3}})
	tell("NodeAdded", obj{"node_id": "b", "metadata": obj{}, "position": obj{"x": 1, "y": 2, "z": 3}})
	tell("NodeUpdated", obj{"node_id": "a", "new_position": obj{"x": 7, "y": 8, "z": 9}, "new_content": nil})
	tell("NodeContentChanged", obj{"node_id": "b", "old_content": nil, "new_content": obj{"text": "t"}})
	tell("EdgeConnected", obj{"edge_id": "ab", "source": "a", "target": "b", "relationship": "knows"})
	tell("EdgeReversed", obj{"edge_id": "ab", "old_source": "a", "old_target": "b", "new_source": "b", "new_target": "a"})
	tell("EdgeReversed", obj{"edge_id": "ab", "old_source": "a", "old_target": "b", "new_source": "b", "new_target": "a"})
	tell("EdgeUpdated", obj{"edge_id": "ab", "new_properties": obj{"since": 2026}})
}
