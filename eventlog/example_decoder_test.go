package eventlog_test

import (
	"fmt"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// A deployment whose subjects are its own says what they mean, and keeps CIM's families behind them.
func ExampleNewDecoder() {
	m := eventlog.DefaultMapping()
	m.Rules = append([]eventlog.Rule{{Subject: "plant.*.{aggregate}.{type...}", Domain: "graph"}}, m.Rules...)
	d, err := eventlog.NewDecoder(m)
	if err != nil {
		fmt.Println(err)
		return
	}
	e, err := d.Decode(&eventlog.Record{
		Seq: 1, Subject: "plant.north.g-1.node.added", Body: []byte(`{"node_id":"n-1","position":[1.0,2.0]}`),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(e.Domain, e.Type, e.Name, e.AggregateID, string(e.Payload))
	fmt.Println(eventlog.CanonicalSubject(&e))
	// Output:
	// graph node_created node_added g-1 {"node_id":"n-1","position":[1.0,2.0]}
	// event.graph.node_created
}
