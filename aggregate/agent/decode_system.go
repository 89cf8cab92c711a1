package agent

import "github.com/thecowboyai/cim-projector/aggregate/serde"

func (r *reader) nodeJoin(owner string) Change {
	c := &NodeJoin{
		Node:     owner,
		Type:     r.opaque("node_type"),
		Kind:     serde.Kind(r.members.get("node_type")),
		Capacity: r.opaque("resource_capacity"),
		Address:  r.optionalText("network_address"),
		At:       r.time("joined_at"),
	}
	c.Capabilities, _ = r.capabilities("capabilities")
	return c
}

func (r *reader) thresholdExceedance() Change {
	c := &ThresholdExceedance{
		Metric:         r.id("metric_name"),
		CurrentValue:   r.optionalFloat64("current_value"),
		ThresholdValue: r.optionalFloat64("threshold_value"),
		Severity:       r.opaque("severity"),
	}
	c.AffectedComponents, _ = r.opaqueList("affected_components")
	c.RecommendedActions, _ = r.opaqueList("recommended_actions")
	return c
}
