package eventmodel_test

import (
	"fmt"

	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/projection/eventmodel"
)

func ExampleNew() {
	p := eventmodel.New()
	fmt.Println(p.Name(), p.Version(), p.Subjects())
	for _, q := range p.(projection.Querier).Queries() {
		fmt.Println(q.Subject)
	}
	// Output:
	// events 1 [>]
	// projection.types
	// projection.undecodable
}
