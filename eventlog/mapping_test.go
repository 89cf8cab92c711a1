package eventlog_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// TestTrap12MappingOfADeployment reads subjects as a deployment configures them, beside CIM's.
func TestTrap12MappingOfADeployment(t *testing.T) {
	m := eventlog.DefaultMapping()
	m.Rules = slices.Insert(m.Rules, 0,
		eventlog.Rule{Subject: "acme.*.{domain}.{aggregate}"},
		eventlog.Rule{Subject: "erp.{type...}.end", Domain: "billing"},
		eventlog.Rule{Subject: "erp.{event}.of.{known}"},
		eventlog.Rule{Subject: "mirror.{aggregate}.>", Domain: "graph"},
		eventlog.Rule{Subject: "event.audit.>", Foreign: true},
		eventlog.Rule{Subject: "event.agent.registered", Domain: "billing"},
	)
	m.Domains["graph"] = append(m.Domains["graph"], "netz")
	m.Aggregates["graph"] = append(m.Aggregates["graph"], "vertex")
	d := decoder(t, m)
	for _, test := range []struct{ subject, body, canonical, aggregate string }{
		{"acme.eu.workflow.w-1", `{"Workflow":{"StateAdded":{}}}`, "event.workflow.state_added", "w-1"},
		{"acme.eu.Netz.g-1", `{"NodeAdded":{}}`, "event.graph.node_created", "g-1"},
		{"acme.eu.x.g-1.more", `{"NodeAdded":{}}`, "acme.eu.x.g-1.more", ""},
		{"erp.invoice.sent.end", `{"a":1}`, "event.billing.invoice.sent", ""},
		{"erp.end", `{"InvoiceSent":{}}`, "erp.end", ""},
		{"erp.nodeadded.of.graph", `{"a":1}`, "event.graph.node_created", ""},
		{"erp.added.of.vertex", `{"NodeAdded":{}}`, "erp.added.of.vertex", ""},
		{"mirror.g-2.a.b.c", `{"NodeRemoved":{}}`, "event.graph.node_deleted", "g-2"},
		{"mirror.g-2", `{"NodeRemoved":{}}`, "mirror.g-2", ""},
		{"event.audit.x", `{"Node":{"NodeAdded":{}}}`, "event.audit.x", ""},
		{"event.graph.x", `{"NodeAdded":{}}`, "event.graph.node_created", ""},
		{"event.agent.registered", `{"event_type":"registered","payload":{}}`, "event.billing.registered", ""},
	} {
		e, err := d.Decode(&eventlog.Record{Subject: test.subject, Body: []byte(test.body)})
		if got := eventlog.CanonicalSubject(&e); err != nil || got != test.canonical ||
			e.AggregateID != test.aggregate {
			t.Errorf("%s on %s is %q of %q, %v, want %q of %q", test.body, test.subject, got, e.AggregateID, err,
				test.canonical, test.aggregate)
		}
	}
}

// TestTypesThatNameTheDomain reads subjects that state a type, and the domain through it alone.
func TestTypesThatNameTheDomain(t *testing.T) {
	for subject, want := range map[string]string{
		"events.node_added.g-1":    "graph",
		"events.StepCompleted.p-1": "workflow",
		"events.g-1.edgeremoved":   "graph",
		"events.task_assigned.x-1": "", // workflows and agents have it
		"events.dreamed.x-1":       "",
		"events.created.x-1":       "", // everything is created
	} {
		if got := eventlog.StandardDecoder().Domain(subject); got != want {
			t.Errorf("Domain(%q) = %q, want %q", subject, got, want)
		}
	}
}

// TestMappingsAreApart holds that a caller's changes reach neither another mapping nor a decoder that was made before.
func TestMappingsAreApart(t *testing.T) {
	m := eventlog.DefaultMapping()
	d := decoder(t, m)
	m.Rules[0].Domain = "graph"
	clear(m.Rules[1:])
	clear(m.Domains)
	if got := d.Domain("event.dlq.x"); got != "dlq" {
		t.Errorf("a decoder made before says %q", got)
	}
	if got := decoder(t, eventlog.Mapping{}).Domain("event.dlq.x"); got != "dlq" {
		t.Errorf("a mapping made later says %q", got)
	}
}

func TestMappingIsChecked(t *testing.T) {
	_, err := eventlog.NewDecoder(eventlog.Mapping{
		Rules: []eventlog.Rule{
			{Subject: ""},
			{Subject: "a..b", Domain: "graph"},
			{Subject: "a.{domain}.{known}"},
			{Subject: "a.{type}", Domain: "Graph"},
			{Subject: "b.{domain}", Domain: "graph"},
			{Subject: "c.{what}", Domain: "graph"},
			{Subject: "c.{type...}.>", Domain: "graph"},
			{Subject: "c.>.d", Domain: "graph"},
			{Subject: "c.d*", Domain: "graph"},
			{Subject: "d.{aggregate}"},
			{Subject: "e.{domain}", Foreign: true},
			{Subject: "f.g", Domain: "graph"},
			{Subject: "f.g", Domain: "agent"},
			{Subject: "h i", Domain: "graph"},
		},
		Domains:    map[string][]string{"Graph": nil, "agent": {"_"}, "workflow": {"flow"}},
		Aggregates: map[string][]string{"agent": {"Flow"}},
	})
	if err == nil {
		t.Fatal("NewDecoder takes a mapping that is wrong throughout")
	}
	got := strings.Split(err.Error(), "\n")
	for _, want := range []string{
		`rule 1, "": a token is empty`, `rule 2, "a..b": a token is empty`,
		`rule 3, "a.{domain}.{known}": it states the domain, the aggregate or the type more than once`,
		`rule 4, "a.{type}": domain "Graph" is not of lower-case`,
		`rule 5, "b.{domain}": it states the domain and is given one`,
		`rule 6, "c.{what}": token "{what}" is neither`,
		`rule 7, "c.{type...}.>": more than one token stands for several`,
		`rule 8, "c.>.d": > stands only at the end`, `rule 9, "c.d*": token "d*" is neither`,
		`rule 10, "d.{aggregate}": it states no domain`,
		`rule 11, "e.{domain}": what is foreign has no domain`, `rule 13, "f.g", is never reached: rule 12 is the same`,
		`rule 14, "h i": token "h i" is neither`, `domain "Graph" is not of lower-case`,
		`domain "agent" has a spelling without a letter, "_"`,
		`"Flow" stands for the domains "workflow" and "agent"`,
	} {
		if !slices.ContainsFunc(got, func(line string) bool { return strings.Contains(line, want) }) {
			t.Errorf("no line of the error says %q", want)
		}
	}
	if t.Failed() {
		t.Log(err)
	}
}

func TestDefaultMappingIsValid(t *testing.T) {
	if err := eventlog.DefaultMapping().Validate(); err != nil {
		t.Error(err)
	}
	if err := (eventlog.Mapping{}).Validate(); err != nil {
		t.Error(err)
	}
}
