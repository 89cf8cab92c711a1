package projection

import (
	"fmt"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// Checkpoint says at which place in which history a state is true, and how to recognise that history again. It is
// committed in the same transaction as the state.
type Checkpoint struct {
	Stream  eventlog.Stream
	Seq     eventlog.Seq   // the state holds exactly the records at or below this sequence
	Anchor  eventlog.Mark  // the last applied record; below Seq where the sequences after it are missing
	MaxTime eventlog.Time  // the highest broker time applied: broker times are not monotonic
	Chain   eventlog.Chain // over every record applied
	Records uint64         // how many were applied
	Ring    eventlog.Ring  // marks of earlier records
}

// checkpointRow is the checkpoint as it is stored.
type checkpointRow struct {
	Format     int
	Stream     string
	Created    eventlog.Time
	Seq        eventlog.Seq
	Anchor     markRow
	MaxTime    eventlog.Time
	ChainStart eventlog.Seq
	Chain      []byte
	Records    uint64
	Ring       []markRow
}

type markRow struct {
	Seq  eventlog.Seq
	Time eventlog.Time
	Hash []byte
}

const checkpointFormat = 1

// Advance takes one more record into the checkpoint.
func (c *Checkpoint) Advance(seq eventlog.Seq, at eventlog.Time, h eventlog.Hash) {
	c.Seq = seq
	c.Anchor = eventlog.Mark{Seq: seq, Time: at, Hash: h}
	c.MaxTime = max(c.MaxTime, at)
	c.Chain = c.Chain.Append(seq, h)
	c.Records++
	c.Ring.Push(c.Anchor)
}

// Position returns the place in the history.
func (c *Checkpoint) Position() eventlog.Position {
	return eventlog.Position{Stream: c.Stream, Seq: c.Seq}
}

// same tells whether two checkpoints are of one state: at one place, from the same records.
func (c *Checkpoint) same(o *Checkpoint) bool {
	return c.Stream == o.Stream && c.place() == o.place() && c.Anchor == o.Anchor && c.Records == o.Records
}

// Clone returns an independent copy.
func (c *Checkpoint) Clone() Checkpoint {
	out := *c
	out.Ring = c.Ring.Clone()
	return out
}

func (c *Checkpoint) encode() ([]byte, error) {
	row := checkpointRow{
		Format: checkpointFormat, Stream: c.Stream.Name, Created: c.Stream.Created, Seq: c.Seq,
		Anchor: toMarkRow(c.Anchor), MaxTime: c.MaxTime, ChainStart: c.Chain.Start, Chain: c.Chain.Hash[:],
		Records: c.Records,
	}
	for _, m := range c.Ring.Marks() {
		row.Ring = append(row.Ring, toMarkRow(m))
	}
	return encodeRow(&row)
}

func decodeCheckpoint(raw []byte) (Checkpoint, error) {
	var row checkpointRow
	if err := decodeRow(raw, &row); err != nil {
		return Checkpoint{}, fmt.Errorf("read checkpoint: %w", err)
	}
	if row.Format != checkpointFormat {
		return Checkpoint{}, fmt.Errorf("checkpoint has format %d, this build reads %d", row.Format, checkpointFormat)
	}
	c := Checkpoint{
		Stream: eventlog.Stream{Name: row.Stream, Created: row.Created}, Seq: row.Seq,
		Anchor: row.Anchor.mark(), MaxTime: row.MaxTime, Records: row.Records,
		Chain: eventlog.Chain{Start: row.ChainStart},
	}
	copy(c.Chain.Hash[:], row.Chain)
	for i := len(row.Ring) - 1; i >= 0; i-- { // stored newest first; the ring takes them oldest first
		c.Ring.Push(row.Ring[i].mark())
	}
	return c, nil
}

func toMarkRow(m eventlog.Mark) markRow {
	return markRow{Seq: m.Seq, Time: m.Time, Hash: m.Hash[:]}
}

func (r markRow) mark() eventlog.Mark {
	m := eventlog.Mark{Seq: r.Seq, Time: r.Time}
	copy(m.Hash[:], r.Hash)
	return m
}
