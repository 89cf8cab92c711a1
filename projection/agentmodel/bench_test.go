package agentmodel_test

import (
	"fmt"
	"testing"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
)

const (
	benchAgents = 1000
	benchCommit = 10_000 // events
)

// BenchmarkApply measures decoding the payload and applying, of tasks that are assigned and completed by a thousand
// agents. Envelopes are read, and batches committed, outside of the clock.
func BenchmarkApply(b *testing.B) {
	m := crowd(b, benchAgents)
	seq := 3*benchAgents + 1
	var inputs []projection.Input
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		if i%benchCommit == 0 {
			b.StopTimer()
			m.commit()
			inputs = inputs[:0]
			for j := range benchCommit {
				kind := [...]string{"agent.task_assigned", "agent.task_completed"}[j%2]
				inputs = append(inputs, m.ready.Prepare(event(seq+j, fact{kind, "", fmt.Sprintf(
					`{"agent_id":"a%06d","task_id":"bench-%d","task_type":"Categorize","priority":"High"}`,
					j/2%benchAgents, (i+j)/2)}), false))
			}
			seq += benchCommit
			b.StartTimer()
		}
		if err := m.fold.Apply(&inputs[i%benchCommit]); err != nil {
			b.Fatal(err)
		}
		i++
	}
	b.StopTimer()
	m.commit()
	m.check()
}

// BenchmarkFindCapable looks for the agents of one capability of a thousand that have it.
func BenchmarkFindCapable(b *testing.B) {
	m := crowd(b, benchAgents)
	b.ReportAllocs()
	for b.Loop() {
		got := m.ask("agent.find_capable", projection.Request{Params: eventlog.Value(`{"capabilities":["x",{"y":1}]}`)})
		if got.Error != nil || *got.Total != benchAgents/2 {
			b.Fatal(got)
		}
	}
}
