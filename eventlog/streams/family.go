package streams

// Family is a set of subjects that one group of CIM's producers uses.
type Family struct {
	Producer string // who publishes there
	Subjects []string
}

// Families are the subjects of CIM's producers beside those of the document. What is published there and taken by no
// stream is lost without a word. Commands and dead letters are not among them.
func Families() []Family {
	return []Family{
		{"alchemist, legacy event store: domains by finer names", []string{
			"event.node.>", "event.edge.>", "event.subgraph.>", "event.subgraph_op.>", "event.content_graph.>",
			"event.conceptual_space.>", "event.conceptualspace.>", "event.conceptualspaces.>",
			"event.context_bridge.>", "event.metric_context.>", "event.rule_context.>",
		}},
		{"alchemist and cim-domain, events with an s; workflows of cim-domain-workflow", []string{"events.>"}},
		{"alchemist, graphs in JetStream; the integration guide", []string{"graph.>"}},
		{"alchemist, workflows", []string{"alchemist.workflow.>"}},
		{"cim-domain-graph and cim-domain, versioned subjects", []string{"graphs.>", "workflows.>"}},
		{"cim-graph, with and without its default prefix", []string{"local.cim.>", "cim.graph.>"}},
		{"cim-domain, event repository", []string{"cim.events.>", "cim.domain.>", "domain.>"}},
		{"cim-domain-workflow, algebra, whose prefix is doubled", []string{"cim.cim.cim.workflow.>"}},
		{"cim-domain-conceptualspaces", []string{"conceptualspace.>"}},
		{"cim-domain-agent", []string{"agent.events.>", "agent.model_config.events.>"}},
		{"cim-infrastructure", []string{"infrastructure.>"}},
	}
}

// familySubjects are the subjects of all families.
func familySubjects() []string {
	var out []string
	for _, f := range Families() {
		out = append(out, f.Subjects...)
	}
	return out
}
