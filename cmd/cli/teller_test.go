package cli_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
)

// obj is a JSON object; its members are written in the order of their names.
type obj = map[string]any

// teller makes up histories, the same ones for the same seed.
type teller struct {
	random   *rand.Rand
	lines    [][]byte
	sequence map[string]int
}

// tell makes up a history of all domains as JSON Lines.
func tell(seed uint64, displaced bool) []byte {
	h := &teller{random: rand.New(rand.NewPCG(seed, 0)), sequence: map[string]int{}}
	for round := range 6 {
		h.graph(fmt.Sprintf("g%d", round%3))
		h.concepts()
		h.process(fmt.Sprintf("p%d", round))
		h.agents(round)
		h.telemetry(round)
	}
	h.deeds()
	h.poison()
	if displaced {
		h.displace(0)
	}
	h.repeat()
	written := len(h.lines)
	h.code()
	if displaced {
		h.displace(written)
	}
	return append(bytes.Join(h.lines, []byte("\n")), '\n')
}

// displace moves events, from one on, by up to a dozen places.
func (h *teller) displace(from int) {
	for i := from; i < len(h.lines); i++ {
		j := min(i+h.random.IntN(12), len(h.lines)-1)
		h.lines[i], h.lines[j] = h.lines[j], h.lines[i]
	}
}

// repeat sends some lines again: the stream drops them, by their id.
func (h *teller) repeat() {
	for range 12 {
		h.lines = append(h.lines, h.lines[h.random.IntN(len(h.lines)-12)])
	}
}

// event adds an event of an aggregate.
func (h *teller) event(domain, kind, aggregate string, payload obj) {
	n := len(h.lines)
	h.sequence[aggregate]++
	id := fmt.Sprintf("e%04d", n)
	h.add(obj{
		"subject": "event." + domain + "." + kind, "headers": obj{"Nats-Msg-Id": id},
		"message": obj{
			"event_id": id, "event_type": kind, "aggregate_id": aggregate, "aggregate_type": domain,
			"sequence": h.sequence[aggregate], "correlation_id": nil, "causation_id": nil, "actor": "user-" + strconv.Itoa(n%3),
			"timestamp": obj{"secs_since_epoch": 1767261600 + 7*n, "nanos_since_epoch": n * 1000}, "metadata": obj{},
			"payload": payload,
		},
	})
}

func (h *teller) add(line obj) {
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(line); err != nil {
		panic(err)
	}
	h.lines = append(h.lines, bytes.TrimSpace(text.Bytes()))
}

// poison adds what nobody can read, and what no projection can apply.
func (h *teller) poison() {
	for i, body := range []string{"", "<html>", `{"event_id":`, "\xff\xfe", "\ufeff{}", `{"a":1,"a":2}`, "[1]"} {
		at := h.random.IntN(len(h.lines))
		line := fmt.Sprintf(`{"subject":"event.graph.node_created","headers":{"Nats-Msg-Id":"poison-%d"},"data":%q}`,
			i, base64.StdEncoding.EncodeToString([]byte(body)))
		h.lines = append(h.lines[:at], append([][]byte{[]byte(line)}, h.lines[at:]...)...)
	}
	h.event("graph", "node_created", "g0", obj{"graph_id": "g0"})
	h.event("graph", "edge_created", "g0", obj{"graph_id": "g0", "edge_id": "e", "source_node": 1, "target_node": "n0"})
	h.event("conceptual", "embedding_calculated", "c0", obj{"entity_id": "c0", "embedding_model": "m", "embedding_vector": []any{1, "x"}})
	h.event("workflow", "step_completed", "p0", obj{"process_instance_id": "p0", "step_id": 17})
	h.event("agent", "task_assigned", "a0", obj{"agent_id": "a0"})
	h.event("system", "node_joined", "s0", obj{"node_id": []any{}})
	h.event("agent", "agent_dreamt", "a0", obj{"agent_id": "a0"})
}

// questions are asked of every history.
func questions() []answered {
	var out []answered
	ask := func(query, params string, args ...any) {
		out = append(out, answered{Query: query, Params: json.RawMessage(fmt.Sprintf(params, args...))})
	}
	all := `"pagination":{"limit":1000}`
	ask("graph.list", "{%s}", all)
	for g := range 3 {
		ask("graph.find_nodes", `{"graph_id":"g%d",%s}`, g, all)
		for n := range 4 {
			ask("graph.get_node", `{"graph_id":"g%d","node_id":"n%d","include_edges":true}`, g, 2*n)
		}
		ask("graph.get_neighbors", `{"graph_id":"g%d","node_id":"n1","max_depth":3}`, g)
		ask("graph.get_neighbors", `{"graph_id":"g%d","node_id":"n6","edge_types":["Similarity"]}`, g)
	}
	for _, g := range []string{"c0", "c1", "c2", "c3"} {
		ask("graph.get_graph", `{"graph_id":%q}`, g)
		ask("graph.find_nodes", `{"graph_id":%q,%s}`, g, all)
		for _, n := range []string{"a", "b", "x"} {
			ask("graph.get_node", `{"graph_id":%q,"node_id":%q,"include_edges":true}`, g, n)
		}
	}
	ask("graph.find_nodes", `{"graph_id":"g1","filters":[{"ByType":"Concept"}],"sort_by":{"ByDistance":[0,0,0]}}`)
	for c := range 4 {
		ask("conceptual.get_entity", `{"entity_id":"c%d"}`, c)
		ask("conceptual.get_concept", `{"concept_id":"c%d"}`, c)
		for _, metric := range []string{"Cosine", "Euclidean", "Manhattan"} {
			ask("conceptual.find_similar", `{"entity_id":"c%d","similarity_type":%q,"max_results":5}`, c, metric)
		}
	}
	ask("conceptual.find_similar", `{"entity_id":"c1","similarity_type":"WeightedEuclidean","space_id":"s0","max_results":5}`)
	ask("conceptual.get_space", `{"space_id":"s0"}`)
	ask("conceptual.get_categories", "{%s}", all)
	ask("workflow.get_process_status", `{"process_instance_ids":["p0","p1","p2","p3","p4","p5"],"include_metrics":true}`)
	ask("workflow.get_process_status", `{"process_instance_ids":["machine-1","p9"],"include_history":true}`)
	for p := range 6 {
		ask("workflow.get_step_history", `{"process_instance_id":"p%d",%s}`, p, all)
	}
	ask("workflow.list_active_processes", "{%s}", all)
	ask("workflow.get_definition", `{"workflow_id":"review"}`)
	ask("workflow.get_definition", `{"workflow_id":"machine"}`)
	ask("agent.list", "{%s}", all)
	for a := range 3 {
		ask("agent.get_status", `{"agent_id":"a%d","include_tasks":true}`, a)
	}
	ask("agent.find_capable", `{"capabilities":["embed"]}`)
	for _, query := range strings.Fields(`agent.list_active_tasks agent.list_collaborations system.list_nodes system.list_thresholds
		projection.types projection.undecodable projection.deadletters projection.anomalies`) {
		ask(query, "{%s}", all)
	}
	return out
}
