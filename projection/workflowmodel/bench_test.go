package workflowmodel_test

import (
	"fmt"
	"testing"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/projection/workflowmodel"
)

const (
	benchProcesses = 10_000
	benchCommit    = 10_000 // events
)

func processID(i int) string {
	return fmt.Sprintf("6f1d2b3c-0000-4000-8000-%012d", i%benchProcesses)
}

// hotSet stores 10,000 running processes of 97 workflows.
func hotSet(b *testing.B) (m *models, next int) {
	b.Helper()
	m = open(b, b.TempDir())
	for i := range benchProcesses {
		m.apply(event(i+1, "process_started", fmt.Sprintf(
			`{"context":{},"initiator":"user-%d","input_data":{"amount":1000},"process_instance_id":%q,`+
				`"start_node":"step-0","workflow_id":"wf-%d"}`,
			i%11, processID(i), i%97)))
	}
	m.commit()
	return m, benchProcesses + 1
}

func stepOf(seq, i int) eventlog.Record {
	return event(seq, "step_completed", fmt.Sprintf(
		`{"execution_time_ms":120,"next_steps":["step-%d"],"output_data":{"ok":true},"process_instance_id":%q,"step_id":"step-%d",`+
			`"step_type":"Task","workflow_id":"wf-%d"}`, i/benchProcesses+1, processID(i), i/benchProcesses, i%benchProcesses%97))
}

// BenchmarkApplySteps measures decoding the payload and applying step_completed to a hot set, of inputs whose envelopes are read
// and whose batches are committed outside of the clock.
func BenchmarkApplySteps(b *testing.B) {
	m, seq := hotSet(b)
	var inputs []projection.Input
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		if i%benchCommit == 0 {
			b.StopTimer()
			m.commit()
			inputs = inputs[:0]
			for j := range benchCommit {
				inputs = append(inputs, m.ready.Prepare(stepOf(seq, i+j), false))
				seq++
			}
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

// BenchmarkDecodeSteps measures what the projection does in parallel.
func BenchmarkDecodeSteps(b *testing.B) {
	r := stepOf(1, 1)
	e, err := eventlog.Decode(&r)
	if err != nil {
		b.Fatal(err)
	}
	decoder := workflowmodel.New().(projection.Decoder)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := decoder.Decode(&e); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkQueryStatus opens a view and answers from it.
func BenchmarkQueryStatus(b *testing.B) {
	m, _ := hotSet(b)
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		i++
		got := m.ask("workflow.get_process_status", projection.Request{
			Params: eventlog.Value(fmt.Sprintf(`{"process_instance_ids":[%q],"include_history":true}`, processID(i))),
		})
		if got.Error != nil {
			b.Fatal(got.Error)
		}
	}
}

// BenchmarkQueryActive counts 10,000 active processes and shows the first page.
func BenchmarkQueryActive(b *testing.B) {
	m, _ := hotSet(b)
	b.ReportAllocs()
	for b.Loop() {
		if got := m.ask("workflow.list_active_processes", projection.Request{}); got.Error != nil || *got.Total != benchProcesses {
			b.Fatal(got)
		}
	}
}
