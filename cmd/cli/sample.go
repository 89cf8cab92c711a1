package cli

import (
	"bytes"
	"context"
	_ "embed" // for the sample

	"github.com/thecowboyai/cim-projector/eventlog/publish"
)

// sample is a history: a knowledge graph of machine learning is drawn, laid out, corrected and divided, by producers that repeat
// themselves and sometimes send what nobody can read. Two agents embed and categorize what is in it, and it is reviewed: the
// first attempt fails, one round of revision follows, and after lunch it is published. A second review waits.
//
//go:embed sample.jsonl
var sample []byte

// arrivesLater is how many of the sample's last lines are published while the worker is down.
const arrivesLater = 9

// splitSample divides lines before the last few.
func splitSample(lines []byte, few int) (first, last []byte) {
	at := len(lines)
	for range few {
		at = bytes.LastIndexByte(lines[:at-1], '\n') + 1
	}
	return lines[:at], lines[at:]
}

// publishLines publishes lines of the sample, one after the other, so that each demo has the same sequences.
func (d *demo) publishLines(ctx context.Context, lines []byte) (published, error) {
	c := publish.Config{Conn: d.site.conn, Stream: d.stream, InFlight: 1}
	return publishFrom(ctx, c, publish.NewReader("sample.jsonl", bytes.NewReader(lines), 0))
}
