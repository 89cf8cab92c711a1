package agent_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"github.com/thecowboyai/cim-projector/aggregate/agent"
	"github.com/thecowboyai/cim-projector/aggregate/agent/agenttest"
)

// step is a random event: every member is drawn, and its kind says which of them count.
type step struct {
	kind, envelope, agent, task, collaboration, node, metric string

	added, removed, participants []string // nil: not stated
	number                       int
}

var (
	agentIDs     = rapid.SampledFrom([]string{"a", "b"})
	taskIDs      = rapid.SampledFrom([]string{"t", "u", "v"})
	capabilities = rapid.SampledFrom([]string{"k", "l", "m", "n"})
	maybeSome    = rapid.OneOf(rapid.Just[[]string](nil), rapid.SliceOfN(capabilities, 0, 3))
)

var steps = rapid.Custom(func(t *rapid.T) step {
	kinds := []string{"registered", "deregistered", "task_assigned", "task_completed", "capability_updated", "agent_activated"}
	for _, f := range everyEvent {
		kinds = append(kinds, f.kind)
	}
	return step{
		kind:          rapid.SampledFrom(kinds).Draw(t, "kind"),
		envelope:      rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "envelope"),
		agent:         agentIDs.Draw(t, "agent"),
		task:          taskIDs.Draw(t, "task"),
		collaboration: rapid.SampledFrom([]string{"c", "d"}).Draw(t, "collaboration"),
		node:          rapid.SampledFrom([]string{"n", "o"}).Draw(t, "node"),
		metric:        rapid.SampledFrom([]string{"x", "y", strings.Repeat("z", 200), strings.Repeat("w", 200)}).Draw(t, "metric"),
		added:         maybeSome.Draw(t, "added"),
		removed:       maybeSome.Draw(t, "removed"),
		participants:  rapid.OneOf(rapid.Just[[]string](nil), rapid.SliceOfN(agentIDs, 0, 3)).Draw(t, "participants"),
		number:        rapid.IntRange(0, 3).Draw(t, "number"),
	}
})

// fact writes the step as a producer would.
func (s step) fact() fact {
	p := map[string]any{
		"agent_id": s.agent, "task_id": s.task, "collaboration_id": s.collaboration, "node_id": s.node, "metric_name": s.metric,
		"capabilities": s.added, "added_capabilities": s.added, "removed_capabilities": s.removed,
		"participating_agents": s.participants, "priority": s.number, "config": s.number,
		"configuration_id": fmt.Sprint("mc", s.number),
		"system_prompt":    fmt.Sprint("p", s.number), "token_usage": map[string]int{"total_tokens": s.number},
		"current_value": s.number, "threshold_value": 1,
	}
	raw, err := json.Marshal(p)
	if err != nil {
		panic(err)
	}
	return fact{s.kind, string(raw)}
}

// expected is what a history must come to, found by looking at the history as a whole, not by folding it.
func expected(history []step) []string {
	var out []string
	for _, id := range []string{"a", "b"} {
		out = append(out, expectedAgent(id, history)...)
	}
	for _, id := range []string{"c", "d"} {
		all := of(history, func(s step) bool { return s.kind == "collaboration_initiated" && s.collaboration == id })
		if len(all) > 0 {
			participants := ""
			for _, s := range all {
				if s.participants != nil {
					participants = fmt.Sprint(slices.Compact(slices.Sorted(slices.Values(s.participants))))
				}
			}
			out = append(out, "collaboration "+id+" "+strings.TrimPrefix(participants, "[]"))
		}
	}
	for _, id := range []string{"n", "o"} {
		if all := of(history, func(s step) bool { return s.kind == "node_joined" && s.node == id }); len(all) > 0 {
			out = append(out, "node "+id+" "+fmt.Sprint(slices.Compact(slices.Sorted(slices.Values(all[len(all)-1].added)))))
		}
	}
	for _, name := range []string{"", "x", "y"} {
		all := of(history, func(s step) bool {
			return s.kind == "performance_threshold_exceeded" && (s.metric == name || name == "" && len(s.metric) > 128)
		})
		if len(all) > 0 {
			out = append(out, fmt.Sprintf("metric %s %d", name, len(all)))
		}
	}
	return out
}

func of(history []step, want func(step) bool) []step {
	return slices.DeleteFunc(slices.Clone(history), func(s step) bool { return !want(s) })
}

func expectedAgent(id string, history []step) []string {
	others := []string{"collaboration_initiated", "node_joined", "performance_threshold_exceeded"}
	own := of(history, func(s step) bool { return s.agent == id && !slices.Contains(others, s.kind) })
	if len(own) == 0 {
		return nil
	}
	last, count, tokens := map[string]string{}, map[string]int{}, 0
	for _, s := range own {
		last[s.kind] = fmt.Sprint(s.number)
		count[s.kind]++
		if s.kind == "response_completed" {
			tokens += s.number
		}
	}
	tasks, active, completed := expectedTasks(id, own)
	agent := fmt.Sprintf("agent %s %v %s %v config=%s,%s,%s tasks=%d,%d said=%d,%d,%d,%d,%d,%d",
		id, count["registered"] > 0, expectedStatus(own), expectedCapabilities(own),
		last["model_configured"], last["model_configuration_assigned"], last["system_prompt_configured"], active, completed,
		count["conversation_started"], count["message_sent"], count["response_chunk_received"], count["response_completed"],
		count["response_failed"], tokens)
	return append([]string{agent}, tasks...)
}

func expectedCapabilities(own []step) []string {
	has := map[string]bool{}
	for _, s := range own {
		if s.kind == "registered" && s.added != nil {
			clear(has)
		}
		if s.kind == "registered" || s.kind == "capability_updated" {
			for _, c := range s.added {
				has[c] = true
			}
		}
		if s.kind == "capability_updated" {
			for _, c := range s.removed {
				delete(has, c)
			}
		}
	}
	return slices.Sorted(maps.Keys(has))
}

func expectedTasks(id string, own []step) (tasks []string, active, completed int) {
	for _, task := range []string{"t", "u", "v"} {
		assignments := of(own, func(s step) bool { return s.kind == "task_assigned" && s.task == task })
		completions := of(own, func(s step) bool { return s.kind == "task_completed" && s.task == task })
		line := "task " + id + "/" + task
		switch {
		case len(completions) > 0:
			completed++
			line += " completed"
		case len(assignments) > 0:
			active++
			line += " assigned"
		default:
			continue
		}
		if n := len(assignments); n > 0 {
			line += fmt.Sprint(" ", assignments[n-1].number)
		}
		tasks = append(tasks, line)
	}
	return tasks, active, completed
}

// expectedStatus looks at the life since the registration that ended the last deregistration, if there was one.
func expectedStatus(own []step) string {
	find := func(kinds ...string) func(step) bool {
		return func(s step) bool { return slices.Contains(kinds, s.kind) }
	}
	for i := len(own) - 1; i >= 0; i-- {
		if own[i].kind == "deregistered" {
			next := slices.IndexFunc(own[i:], find("registered"))
			if next < 0 {
				return "deregistered"
			}
			own = own[i+next:]
			break
		}
	}
	transitions := of(own, find("agent_activated", "agent_suspended"))
	switch {
	case len(transitions) > 0:
		last := transitions[len(transitions)-1].kind
		return map[string]string{"agent_activated": "active", "agent_suspended": "suspended"}[last]
	case slices.ContainsFunc(own, find("model_configured", "model_configuration_assigned")):
		return "configured"
	case slices.ContainsFunc(own, find("registered")):
		return "registered"
	}
	return "unknown"
}

// found is the state in the same words.
func found(s *agenttest.State) []string {
	var out []string
	tasks := s.Tasks()
	for _, a := range s.Agents() {
		id := ""
		if a.ModelConfigurationID != nil {
			id = strings.TrimPrefix(*a.ModelConfigurationID, "mc")
		}
		prompt := strings.TrimSuffix(strings.TrimPrefix(string(a.SystemPrompt), `"p`), `"`)
		n := a.Activity
		out = append(out, fmt.Sprintf("agent %s %v %s %v config=%s,%s,%s tasks=%d,%d said=%d,%d,%d,%d,%d,%d",
			a.ID, a.Known, a.Status, names(a.Capabilities), a.ModelConfig, id, prompt, a.ActiveTasks, a.CompletedTasks,
			n.Conversations, n.MessagesSent, n.ChunksReceived, n.ResponsesCompleted, n.ResponsesFailed, n.Tokens))
		for _, t := range tasks {
			if t.AgentID == a.ID {
				out = append(out, strings.TrimSpace(fmt.Sprintf("task %s/%s %s %s", t.AgentID, t.ID, t.Status, t.Priority)))
			}
		}
	}
	for _, c := range s.AllCollaborations() {
		out = append(out, "collaboration "+c.ID+" "+strings.TrimPrefix(fmt.Sprint(c.Participants), "[]"))
	}
	for _, n := range s.Nodes() {
		out = append(out, "node "+n.ID+" "+fmt.Sprint(names(n.Capabilities)))
	}
	for _, m := range s.AllMetrics() {
		out = append(out, fmt.Sprintf("metric %s %d", m.Name, m.Count))
	}
	return out
}

func names(set []agent.Capability) []string {
	var out []string
	for _, c := range set {
		out = append(out, c.Name)
	}
	return out
}
