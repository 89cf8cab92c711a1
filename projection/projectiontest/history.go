package projectiontest

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// Stream is the identity of the histories that this package makes.
var Stream = eventlog.Stream{Name: "TEST", Created: epoch}

var epoch = eventlog.Moment(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))

// History is a history in the making: records with rising sequences, one second apart. The zero value is empty.
type History struct {
	Records []eventlog.Record
	last    eventlog.Seq
}

// Add appends an event in CIM's envelope. The payload is written as JSON; it panics where that cannot be done.
func (h *History) Add(subject, eventType string, payload any) {
	body, err := json.Marshal(map[string]any{"event_type": eventType, "payload": payload})
	if err != nil {
		panic(fmt.Sprintf("projectiontest: payload of %s: %v", eventType, err))
	}
	h.AddBody(subject, body)
}

// AddBody appends a record with any body.
func (h *History) AddBody(subject string, body []byte) {
	h.last++
	h.Records = append(h.Records, eventlog.Record{
		Seq: h.last, Time: epoch + eventlog.Time(h.last)*eventlog.Time(time.Second), Subject: subject, Body: body,
	})
}

// Miss leaves out n sequences, as if their records had been deleted.
func (h *History) Miss(n int) { h.last += eventlog.Seq(n) }
