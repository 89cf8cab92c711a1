package streams_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/thecowboyai/cim-projector/eventlog/embedded"
	"github.com/thecowboyai/cim-projector/eventlog/streams"
)

// A server without streams gets the stream of events and a copy of one domain. The second plan has nothing to do.
func Example() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "streams")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	server, err := embedded.Start(ctx, embedded.Config{Dir: dir, Port: embedded.FreePort})
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	nc, err := nats.Connect(server.URL())
	if err != nil {
		log.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		log.Fatal(err)
	}
	layout := streams.Layout{Domains: streams.DocumentDomains()[:1]}
	for range 2 {
		plan, err := streams.PlanFor(ctx, js, layout)
		if err != nil {
			log.Fatal(err)
		}
		for _, item := range plan.Items {
			fmt.Println(item.Action, item)
		}
		if _, err := streams.Apply(ctx, js, plan); err != nil {
			log.Fatal(err)
		}
	}
	// Output:
	// create stream CIM_EVENTS
	// create stream CIM_GRAPH_EVENTS
	// same stream CIM_EVENTS
	// same stream CIM_GRAPH_EVENTS
}
