package memlog_test

import (
	"context"
	"fmt"

	"github.com/thecowboyai/cim-projector/eventlog/memlog"
)

func Example() {
	ctx := context.Background()
	log := memlog.New(memlog.Config{Name: "EVENTS"})
	for _, name := range []string{"graph_created", "node_created", "node_created"} {
		if _, err := log.Append(ctx, "event.graph."+name, nil, []byte("{}")); err != nil {
			fmt.Println(err)
		}
	}
	if err := log.Delete(2); err != nil {
		fmt.Println(err)
	}
	cursor, err := log.Read(ctx, 1, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer cursor.Close()
	batch, err := cursor.Next(ctx)
	if err != nil {
		fmt.Println(err)
	}
	for _, r := range batch.Records {
		fmt.Println(r.Seq, r.Subject)
	}
	fmt.Println("through", batch.Through)
	// Output:
	// 1 event.graph.graph_created
	// 3 event.graph.node_created
	// through 3
}
