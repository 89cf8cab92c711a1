package agent_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/thecowboyai/cim-projector/aggregate/agent"
	"github.com/thecowboyai/cim-projector/aggregate/agent/agenttest"
	"github.com/thecowboyai/cim-projector/eventlog"
)

// documentState is testdata/docs.want.json.
type documentState struct {
	Agents        map[string]documentAgent `json:"agents"`
	Deadline      int64                    `json:"task_1_deadline_unix_s"`
	Participants  []string                 `json:"participants"`
	Nodes         []string                 `json:"nodes"`
	ThresholdSeen map[string]uint64        `json:"threshold_events"`
	Anomalies     []agenttest.Record       `json:"anomalies"`
}

type documentAgent struct {
	Type           string       `json:"agent_type"`
	Status         agent.Status `json:"status"`
	RegisteredAt   int64        `json:"registered_at_unix_s"`
	Capabilities   []string     `json:"capabilities"`
	Tasks          []string     `json:"tasks"`
	Collaborations []string     `json:"collaborations"`
	ActiveTasks    uint64       `json:"active_tasks"`
}

func TestDocumentsVectors(t *testing.T) {
	var want, got documentState
	raw, err := os.ReadFile("testdata/docs.want.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &want); err != nil {
		t.Fatal(err)
	}
	var s agenttest.State
	for _, r := range documentRecords(t) {
		e, err := eventlog.Decode(&r)
		if err != nil {
			t.Fatal(err)
		}
		apply(t, &s, &e)
		if err := s.Check(); err != nil {
			t.Fatalf("after event %s: %v", r.Seq, err)
		}
	}
	got.read(&s)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("state (-want +got):\n%s", diff)
	}
}

func documentRecords(t *testing.T) []eventlog.Record {
	t.Helper()
	raw, err := os.ReadFile("testdata/docs.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	var out []eventlog.Record
	lines := bufio.NewScanner(bytes.NewReader(raw))
	for lines.Scan() {
		var line struct {
			Subject string          `json:"subject"`
			Message json.RawMessage `json:"message"`
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		seq := eventlog.Seq(len(out) + 1)
		out = append(out, eventlog.Record{Seq: seq, Time: eventlog.Time(seq), Subject: line.Subject, Body: line.Message})
	}
	if len(out) != 6 {
		t.Fatalf("the fixture has %d events, want 6", len(out))
	}
	return out
}

func (d *documentState) read(s *agenttest.State) {
	d.Agents = map[string]documentAgent{}
	for _, a := range s.Agents() {
		row := documentAgent{
			Status: a.Status, RegisteredAt: a.RegisteredAt.Std().Unix(), Capabilities: names(a.Capabilities),
			Collaborations: s.Collaborations(a.ID), ActiveTasks: a.ActiveTasks,
		}
		row.Type, _ = a.Type.Text()
		for _, t := range s.Tasks() {
			if t.AgentID == a.ID {
				row.Tasks = append(row.Tasks, t.ID)
			}
			if t.ID == "task-1" {
				d.Deadline = t.Deadline.Std().Unix()
			}
		}
		d.Agents[a.ID] = row
	}
	for _, c := range s.AllCollaborations() {
		d.Participants = append(d.Participants, c.Participants...)
	}
	for _, n := range s.Nodes() {
		d.Nodes = append(d.Nodes, n.ID)
	}
	d.ThresholdSeen = map[string]uint64{}
	for _, m := range s.AllMetrics() {
		d.ThresholdSeen[m.Name] = m.Count
	}
	d.Anomalies = s.Anomalies
}
