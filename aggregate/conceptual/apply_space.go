package conceptual

import "slices"

// space returns a copy of a space's row that may be changed, or a new one.
func (s scope) space(id string) Space {
	if row, ok := s.Space(id); ok {
		return *row
	}
	return Space{ID: id}
}

func (c *SpaceCreated) apply(s scope) {
	next := s.space(c.Space)
	if next.Known {
		s.Anomaly(DuplicateSpace, c.Space)
	} else {
		next.Known, next.CreatedAt = true, s.at
	}
	stated(&next.Name, c.Name)
	stated(&next.Description, c.Description)
	stated(&next.EmbeddingModel, c.EmbeddingModel)
	stated(&next.CreatedBy, c.CreatedBy)
	if c.DistanceMetric != nil {
		next.DistanceMetric = c.DistanceMetric
	}
	if c.AccessPolicy != nil {
		next.AccessPolicy = c.AccessPolicy
	}
	next.changeDimensions(s, c.Dimensions)
	next.setWeights(s, c.Weights)
	next.UpdatedAt = s.at
	s.PutSpace(&next)
}

func (c *SpaceRecalibrated) apply(s scope) {
	next := s.space(c.Space)
	next.changeDimensions(s, c.Changes)
	if c.DistanceMetric != nil {
		next.DistanceMetric = c.DistanceMetric
	}
	if c.RemoveWeights {
		next.Dimensions = slices.Clone(next.Dimensions)
		for i := range next.Dimensions {
			next.Dimensions[i].Weight = nil
		}
	}
	next.setWeights(s, c.Weights)
	next.UpdatedAt = s.at
	s.PutSpace(&next)
	for _, entity := range c.Affected {
		s.PutStale(&Stale{SpaceID: c.Space, EntityID: entity, Since: s.at})
	}
}

// changeDimensions works through changes in order.
func (p *Space) changeDimensions(s scope, changes []DimensionChange) {
	if len(changes) == 0 {
		return
	}
	all := slices.Clone(p.Dimensions)
	for i := range changes {
		c := &changes[i]
		var found Anomaly
		all, found = c.change(all)
		switch found {
		case "":
		case UnknownDimensionChange:
			s.Anomaly(found, p.ID)
		default:
			s.Anomaly(found, c.Name)
		}
	}
	if p.Dimensions = slices.Clip(all); len(all) == 0 {
		p.Dimensions = nil
	}
}

// setWeights sets the weights of the dimensions, in order. One that is nil is not known.
func (p *Space) setWeights(s scope, weights []*float32) {
	if weights == nil {
		return
	}
	if len(weights) != len(p.Dimensions) {
		s.Anomaly(WeightCountMismatch, p.ID)
	}
	p.Dimensions = slices.Clone(p.Dimensions)
	for i := range min(len(weights), len(p.Dimensions)) {
		p.Dimensions[i].Weight = weights[i]
	}
}
