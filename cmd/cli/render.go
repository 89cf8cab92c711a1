package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"
)

// render shows any JSON value to people: a list of objects as a table of their simple values, an object as a list of its
// members, with the lists in it behind.
func render(w io.Writer, raw json.RawMessage) error {
	switch {
	case isKind(raw, '['):
		return renderList(w, raw)
	case isKind(raw, '{'):
		return renderObject(w, raw)
	}
	_, err := fmt.Fprintln(w, cell(raw))
	return err
}

func isKind(raw json.RawMessage, first byte) bool {
	raw = bytes.TrimLeft(raw, " \t\r\n")
	return len(raw) > 0 && raw[0] == first
}

// member is one name of an object and its value.
type member struct {
	name  string
	value json.RawMessage
}

// membersOf returns the members of an object in their order.
func membersOf(raw json.RawMessage) ([]member, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	var out []member
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, err
		}
		var v json.RawMessage
		if err := d.Decode(&v); err != nil {
			return nil, err
		}
		out = append(out, member{fmt.Sprint(name), v})
	}
	return out, nil
}

func renderObject(w io.Writer, raw json.RawMessage) error {
	members, err := membersOf(raw)
	if err != nil {
		return err
	}
	t := newTable(w)
	for _, m := range members {
		if !isTable(m.value) {
			t.row(m.name, cell(m.value))
		}
	}
	if err := t.flush(); err != nil {
		return err
	}
	for _, m := range members {
		if !isTable(m.value) {
			continue
		}
		fmt.Fprintf(w, "\n%s\n", m.name)
		if err := renderList(w, m.value); err != nil {
			return err
		}
	}
	return nil
}

// isTable tells whether a value is a list of objects that have simple values.
func isTable(raw json.RawMessage) bool {
	if !isKind(raw, '[') {
		return false
	}
	var items []json.RawMessage
	if json.Unmarshal(raw, &items) != nil || len(items) == 0 || !isKind(items[0], '{') {
		return false
	}
	members, err := membersOf(items[0])
	return err == nil && len(members) > 1
}

// isSimple tells whether a value fits into a cell: it is there, and it is no object or list but a point.
func isSimple(raw json.RawMessage) bool {
	if isKind(raw, '[') {
		return false
	}
	if isKind(raw, '{') {
		_, ok := point(raw)
		return ok
	}
	return string(raw) != "null"
}

// isShort tells whether a value is simple, or a list of such values that is not cropped.
func isShort(raw json.RawMessage) bool {
	if !isKind(raw, '[') {
		return isSimple(raw)
	}
	text := cell(raw)
	return text != "[]" && !strings.Contains(text, "{") && cropped(text) == text
}

// cell is a value as one line of text.
func cell(raw json.RawMessage) string {
	if len(raw) == 0 || string(raw) == "null" {
		return "-"
	}
	if text, ok := point(raw); ok {
		return text
	}
	var text string
	if json.Unmarshal(raw, &text) != nil {
		var out bytes.Buffer
		if json.Compact(&out, raw) != nil {
			return string(raw)
		}
		return out.String()
	}
	if t, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return clock(t)
	}
	return oneRow(text)
}

// oneRow keeps a text from breaking a table, or the terminal.
func oneRow(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, text)
}

// point prints an object of x, y and z.
func point(raw json.RawMessage) (string, bool) {
	if !isKind(raw, '{') {
		return "", false
	}
	members, err := membersOf(raw)
	if err != nil || len(members) != 3 || members[0].name != "x" || members[1].name != "y" || members[2].name != "z" {
		return "", false
	}
	return fmt.Sprintf("(%s, %s, %s)", members[0].value, members[1].value, members[2].value), true
}

const widestCell = 48

func cropped(text string) string {
	if utf8.RuneCountInString(text) <= widestCell {
		return text
	}
	return string([]rune(text)[:widestCell-1]) + "…"
}
