package eventlog

// DefaultMapping returns the mapping of CIM's families of subjects, for a deployment to add to.
func DefaultMapping() Mapping { return Mapping{}.withDefaults() }

// defaultRules are CIM's families. Narrower ones come first.
func defaultRules() []Rule {
	return []Rule{
		// The document's.
		{Subject: "event.dlq.{type...}", Domain: "dlq"},
		{Subject: "dlq.{type...}", Domain: "dlq"},
		{Subject: "event.conceptual_space.{type}.{aggregate}", Domain: "conceptual"},
		{Subject: "event.content_graph.{type}.{aggregate}", Domain: "content_graph"},
		{Subject: "event.{domain}.{type...}"},

		// Not events, although streams of events hold some of them.
		{Subject: "cmd.>", Foreign: true},
		{Subject: "query.>", Foreign: true},
		{Subject: "stream.>", Foreign: true},
		{Subject: "snapshot.>", Foreign: true},
		{Subject: "ui.>", Foreign: true},
		{Subject: "agent.commands.>", Foreign: true},
		{Subject: "agent.model_config.commands.>", Foreign: true},
		{Subject: "cim.aggregates.>", Foreign: true},

		// Graphs: alchemist, the integration guide, cim-domain-graph.
		{Subject: "graph.events.{type...}", Domain: "graph"},
		{Subject: "graph.{known}.{event...}"},
		{Subject: "graph.{aggregate}.{type...}", Domain: "graph"},
		{Subject: "graphs.{type...}", Domain: "graph"},

		// cim-graph, under its default prefix and as its other builder writes.
		{Subject: "local.cim.{domain}.{aggregate}"},
		{Subject: "cim.graph.{domain}.{aggregate}.{type...}"},

		// Workflows: alchemist, cim-domain-old, the algebra of cim-domain-workflow with its doubled prefix.
		{Subject: "alchemist.{known}.{type...}"},
		{Subject: "workflows.{type...}", Domain: "workflow"},
		{Subject: "cim.cim.cim.workflow.instance.*.{type}.*", Domain: "workflow"},

		{Subject: "conceptualspace.{type...}", Domain: "conceptual"},
		{Subject: "agent.model_config.events.{type...}", Domain: "model_config"},
		{Subject: "agent.events.agent.{aggregate}.{type...}", Domain: "agent"},
		{Subject: "infrastructure.*.{aggregate}.{type...}", Domain: "infrastructure"},

		// Everything under the plural, where the second token is a domain, an aggregate's type, its id, or the event's.
		{Subject: "events.domain.{known}.{type...}"},
		{Subject: "events.{known}.{event...}"},
		{Subject: "events.{known}.{aggregate}.{event}"},
		{Subject: "events.{known}.{type...}"},
		{Subject: "events.{event}.{aggregate}"},
		{Subject: "events.{aggregate}.{event}"},
		{Subject: "cim.events.domain.{known}.{type}.{aggregate}.*"},
		{Subject: "cim.domain.{known}.{type}.{aggregate}.*"},
		{Subject: "domain.{known}.{type...}"},
	}
}

func defaultDomains() map[string][]string {
	return map[string][]string{
		"graph":              {"graphs", "composed", "generic"},
		"conceptual":         {"conceptualspace", "conceptualspaces"},
		"workflow":           {"workflows"},
		"agent":              {"agents"},
		"system":             nil,
		"dlq":                nil,
		"infrastructure":     nil,
		"model_config":       nil,
		"ipld":               nil,
		"context":            nil,
		"subgraph":           nil,
		"subgraph_operation": {"subgraph_op"},
		"content_graph":      nil,
		"context_bridge":     nil,
		"metric_context":     nil,
		"rule_context":       nil,
	}
}

func defaultAggregates() map[string][]string {
	return map[string][]string{
		"graph":      {"node", "edge"},
		"conceptual": {"concept", "category", "region"},
		"workflow":   {"process", "step", "task"},
	}
}
