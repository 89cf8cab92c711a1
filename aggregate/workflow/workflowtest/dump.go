package workflowtest

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/thecowboyai/cim-projector/aggregate/workflow"
	"github.com/thecowboyai/cim-projector/eventlog"
)

// Lines returns one line a row: processes, histories, definitions, steps, states, links, each in order, with everything that the row
// holds and was ever set, under the name of its field.
func (s *State) Lines() []string {
	var out []string
	for _, p := range s.Processes() {
		out = append(out, line("process "+p.InstanceID+" "+string(p.Status), p, "InstanceID", "Status"))
	}
	for _, e := range s.Entries() {
		e := *e
		if e.Name == e.Type {
			e.Name = ""
		}
		head := fmt.Sprintf("event %s#%d %s", e.InstanceID, e.Sequence, e.Type)
		out = append(out, line(head, &e, "InstanceID", "Sequence", "Type"))
	}
	for _, d := range s.Definitions() {
		out = append(out, line("workflow "+d.ID, d, "ID"))
	}
	for _, one := range s.Steps() {
		out = append(out, line("step "+one.WorkflowID+"/"+one.ID, one, "WorkflowID", "ID"))
	}
	for _, one := range s.MachineStates() {
		out = append(out, line("state "+one.WorkflowID+"/"+one.ID, one, "WorkflowID", "ID"))
	}
	for _, one := range s.Links() {
		head := fmt.Sprintf("%s %s/%s->%s", one.Kind, one.WorkflowID, one.From, one.To)
		out = append(out, line(head, one, "WorkflowID", "Kind", "From", "To"))
	}
	return out
}

// line prints the fields of a row that are set, but for those in its head.
func line[T any](head string, row *T, printed ...string) string {
	parts := []string{head}
	v := reflect.ValueOf(row).Elem()
	for i := range v.NumField() {
		name := v.Type().Field(i).Name
		if f := v.Field(i); v.Type().Field(i).IsExported() && !f.IsZero() && !slices.Contains(printed, name) {
			parts = append(parts, name+"="+value(f.Interface()))
		}
	}
	return strings.Join(parts, " ")
}

func value(v any) string {
	switch v := v.(type) {
	case eventlog.Value:
		return string(v)
	case map[string]eventlog.Value:
		var parts []string
		for _, k := range slices.Sorted(maps.Keys(v)) {
			parts = append(parts, k+":"+string(v[k]))
		}
		return "{" + strings.Join(parts, ",") + "}"
	case []string:
		return "[" + strings.Join(v, ",") + "]"
	case eventlog.Time:
		return fmt.Sprint(int64(v))
	}
	if p := reflect.ValueOf(v); p.Kind() == reflect.Pointer {
		if p.Elem().Kind() == reflect.Struct {
			return "(" + strings.TrimSpace(line("", p.Interface().(*workflow.Approval))) + ")"
		}
		return fmt.Sprint(p.Elem().Interface())
	}
	return fmt.Sprint(v)
}
