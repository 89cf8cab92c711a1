package agenttest

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/thecowboyai/cim-projector/aggregate/agent"
	"github.com/thecowboyai/cim-projector/eventlog"
)

// Lines returns one line a row, agents before tasks, collaborations, nodes and metrics, each by id: the row's type
// and id, and every field that was ever set. Times are nanoseconds.
func (s *State) Lines() []string {
	var out []string
	for _, a := range s.Agents() {
		out = append(out, line("agent", a.ID, a))
	}
	for _, t := range s.Tasks() {
		out = append(out, line("task", t.AgentID+"/"+t.ID, t))
	}
	for _, c := range s.AllCollaborations() {
		out = append(out, line("collaboration", c.ID, c))
	}
	for _, n := range s.Nodes() {
		out = append(out, line("node", n.ID, n))
	}
	for _, m := range s.AllMetrics() {
		out = append(out, line("metric", m.Name, m))
	}
	return out
}

// line writes whatever fields a row has, so that a field which is added later cannot be forgotten here.
func line(what, id string, row any) string {
	parts := []string{what + " " + id}
	v := reflect.ValueOf(row)
	for i := range v.NumField() {
		name := v.Type().Field(i).Name
		if name == "ID" || name == "AgentID" || what == "metric" && name == "Name" || v.Field(i).IsZero() {
			continue
		}
		parts = append(parts, name+"="+text(v.Field(i).Interface()))
	}
	return strings.Join(parts, " ")
}

func text(field any) string {
	switch f := field.(type) {
	case eventlog.Value:
		return string(f)
	case eventlog.Time:
		return fmt.Sprint(int64(f))
	case *eventlog.Time:
		return fmt.Sprint(int64(*f))
	case *string:
		return *f
	case *float64:
		return fmt.Sprint(*f)
	case []eventlog.Value:
		return list(f, func(v eventlog.Value) string { return string(v) })
	case []agent.Capability:
		return list(f, func(c agent.Capability) string { return strings.TrimSuffix(c.Name+":"+string(c.Content), ":") })
	case map[string]eventlog.Value:
		return list(slices.Sorted(maps.Keys(f)), func(name string) string { return name + ":" + string(f[name]) })
	}
	return fmt.Sprintf("%+v", field)
}

func list[T any](all []T, text func(T) string) string {
	var parts []string
	for _, one := range all {
		parts = append(parts, text(one))
	}
	return "[" + strings.Join(parts, ",") + "]"
}
