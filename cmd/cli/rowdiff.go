package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"github.com/thecowboyai/cim-projector/engine"
)

// fieldChange is one simple value of a row that two states do not share, as text; "" on the side that does not have it.
type fieldChange struct {
	name, before, after string
}

// leaf is one simple value of a row: no object, or one that is shown as a whole.
type leaf struct {
	name  string
	value json.RawMessage
}

// fieldChanges returns what two states of a row do not share, in the order of its fields; null is a row that is not there.
func fieldChanges(before, after json.RawMessage) ([]fieldChange, error) {
	was, err := leaves(nil, "", before)
	if err != nil {
		return nil, err
	}
	is, err := leaves(nil, "", after)
	if err != nil {
		return nil, err
	}
	left := map[string]json.RawMessage{}
	for _, l := range is {
		left[l.name] = l.value
	}
	var out []fieldChange
	for _, l := range was {
		now := left[l.name]
		delete(left, l.name)
		if !bytes.Equal(l.value, now) {
			out = append(out, fieldChange{l.name, leafText(l.value), leafText(now)})
		}
	}
	for _, l := range is {
		if _, fresh := left[l.name]; fresh {
			out = append(out, fieldChange{l.name, "", leafText(l.value)})
		}
	}
	return out, nil
}

// leaves appends the simple values below a name.
func leaves(to []leaf, name string, raw json.RawMessage) ([]leaf, error) {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || name == "" && string(raw) == "null" {
		return to, nil
	}
	if _, whole := point(raw); whole || !isKind(raw, '{') || string(raw) == "{}" {
		return append(to, leaf{name, raw}), nil
	}
	members, err := membersOf(raw)
	if err != nil {
		return nil, err
	}
	for _, m := range members {
		below := m.name
		if name != "" {
			below = name + "." + m.name
		}
		if to, err = leaves(to, below, m.value); err != nil {
			return nil, err
		}
	}
	return to, nil
}

// leafText is a simple value in one line. A text that is empty, or would be taken for none, stands in quotes.
func leafText(raw json.RawMessage) string {
	switch {
	case len(raw) == 0:
		return ""
	case string(raw) == `""`, string(raw) == `"-"`:
		return string(raw)
	}
	return cropped(cell(raw))
}

// isNothing tells whether a value of a new row says nothing.
func isNothing(text string) bool {
	return text == "" || text == "-" || text == `""` || text == "[]" || text == "{}"
}

// printRowDiffs prints rows that two states do not share: each with the values that differ.
func printRowDiffs(w io.Writer, indent string, rows []engine.RowDiff) error {
	for _, r := range rows {
		fate := ""
		switch {
		case string(r.Before) == "null":
			fate = " is new"
		case string(r.After) == "null":
			fate = " is gone"
		}
		fmt.Fprintf(w, "%s%s/%s/%s%s\n", indent, r.Projection, r.Table, r.Key, fate)
		if string(r.After) == "null" {
			continue
		}
		changes, err := fieldChanges(r.Before, r.After)
		if err != nil {
			return fmt.Errorf("read row %s of %s/%s: %w", r.Key, r.Projection, r.Table, err)
		}
		if err := printFields(w, indent+"   ", changes, fate != ""); err != nil {
			return err
		}
	}
	return nil
}

func printFields(w io.Writer, indent string, changes []fieldChange, fresh bool) error {
	t := newTable(w)
	for _, c := range changes {
		switch {
		case fresh && isNothing(c.after):
		case fresh:
			t.row(indent+c.name, c.after)
		default:
			t.row(indent+c.name, orNone(c.before)+" → "+orNone(c.after))
		}
	}
	return t.flush()
}

// orNone prints a value that may not be there.
func orNone(text string) string {
	if text == "" {
		return "-"
	}
	return text
}
