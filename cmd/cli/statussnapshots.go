package cli

import (
	"fmt"
	"strings"

	"github.com/thecowboyai/cim-projector/engine"
)

// snapshotRows adds what status says of snapshots: nothing where there are none.
func snapshotRows(t *table, s *engine.SnapshotsStatus) {
	if s.Count > 0 || len(s.Making) > 0 {
		t.row("Snapshots", snapshotsText(s))
	}
	if s.Error != nil {
		t.row("", "one cannot be read: "+cleaned(*s.Error))
	}
	if u := s.Undo; u != nil {
		text := fmt.Sprintf("restore --undo goes back to event %s, as it was before the %s at %s", grouped(u.Sequence), oneRow(u.Before), clock(u.Since))
		if u.Problem != nil {
			text += "; it could not: " + cleaned(*u.Problem)
		}
		t.row("Undo", text)
	}
	if d := s.Drill; d != nil {
		text := "snapshot " + d.Snapshot + " was tried at " + clock(d.At) + ", and is whole"
		if !d.OK {
			text = "snapshot " + d.Snapshot + " was tried at " + clock(d.At) + ", and is not whole: " + cleaned(orDash(d.Problem))
		}
		t.row("Drill", text)
	}
	if h := s.Shelf; h != nil {
		t.row("Shelf", shelfText(h))
	}
}

func shelfText(h *engine.ShelfStatus) string {
	text := plural(h.Pushed, "snapshot") + " copied there since the start"
	if h.LastPush != nil {
		text += ", the last at " + clock(*h.LastPush)
	}
	if h.Waiting > 0 {
		text += fmt.Sprintf(", %s waiting", grouped(h.Waiting))
	}
	if h.Removing > 0 {
		text += fmt.Sprintf(", %s still to be removed there", grouped(h.Removing))
	}
	if h.LastError != nil {
		text += "; the last error: " + cleaned(*h.LastError)
	}
	return text
}

func snapshotsText(s *engine.SnapshotsStatus) string {
	var parts []string
	if s.Count > 0 {
		parts = append(parts, grouped(s.Count))
	}
	if s.Newest != nil && s.At != nil {
		parts = append(parts, fmt.Sprintf("the newest is %s at event %s", *s.Newest, grouped(*s.At)))
	}
	if len(s.Making) > 0 {
		parts = append(parts, strings.Join(s.Making, ", ")+" being written")
	}
	if s.Bytes > 0 {
		parts = append(parts, bytesText(uint64(s.Bytes))+" on disk with the live state")
	}
	return strings.Join(parts, ", ")
}
