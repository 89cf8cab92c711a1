package agent

// Producers choose the names of metrics. These bounds keep one that chooses a new name each time from growing the
// state.
const (
	// MaxMetrics is how many metrics have a row of their own. All that come later are counted together.
	MaxMetrics = 1000

	// MaxMetricBytes is how long the name of a metric may be. Longer ones are counted together.
	MaxMetricBytes = 128
)

func (c *NodeJoin) apply(s scope) {
	at := s.time(c.At)
	next := Node{
		ID:            c.Node,
		Type:          c.Type,
		Kind:          c.Kind,
		Capabilities:  c.Capabilities,
		Capacity:      c.Capacity,
		Address:       c.Address,
		FirstJoinedAt: at,
		JoinedAt:      at,
	}
	if row, ok := s.Node(c.Node); ok {
		s.Anomaly(DuplicateNode, c.Node)
		next.FirstJoinedAt = row.FirstJoinedAt
	}
	s.PutNode(&next)
}

func (c *ThresholdExceedance) apply(s scope) {
	if c.CurrentValue == nil || c.ThresholdValue == nil {
		s.Anomaly(ValueNotFinite, c.Metric)
	}
	row, ok := s.Metric(c.Metric)
	if !ok && (len(c.Metric) > MaxMetricBytes || s.Metrics() >= MaxMetrics) {
		c.fold(s)
		return
	}
	next := Metric{
		Name:               c.Metric,
		Count:              1,
		Source:             s.aggregate,
		CurrentValue:       c.CurrentValue,
		ThresholdValue:     c.ThresholdValue,
		Severity:           c.Severity,
		AffectedComponents: c.AffectedComponents,
		RecommendedActions: c.RecommendedActions,
		LastAt:             s.at,
	}
	if ok {
		next.Count += row.Count
	}
	s.PutMetric(&next)
}

// fold counts a metric that has no row of its own.
func (c *ThresholdExceedance) fold(s scope) {
	next := Metric{Count: 1, LastAt: s.at}
	if row, ok := s.Metric(""); ok {
		next.Count += row.Count
	}
	s.PutMetric(&next)
}
