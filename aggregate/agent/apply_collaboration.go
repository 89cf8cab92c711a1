package agent

func (c *CollaborationInitiation) apply(s scope) {
	next := Collaboration{
		ID:                  c.Collaboration,
		Type:                c.Type,
		Kind:                c.Kind,
		Participants:        c.Participants,
		SharedContext:       c.SharedContext,
		CoordinationPattern: c.CoordinationPattern,
		InitiatedAt:         s.at,
		UpdatedAt:           s.at,
	}
	if row, ok := s.Collaboration(c.Collaboration); ok {
		s.Anomaly(DuplicateCollaboration, c.Collaboration)
		next.InitiatedAt = row.InitiatedAt
		if !c.HasParticipants {
			next.Participants = row.Participants
		}
	}
	for _, id := range c.Participants {
		switch row, ok := s.Agent(id); {
		case !ok:
			s.Anomaly(UnknownAgent, id)
		case row.Status == Deregistered:
			s.Anomaly(DeregisteredAgent, id)
		}
	}
	s.PutCollaboration(&next)
}
