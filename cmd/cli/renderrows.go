package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

func renderList(w io.Writer, raw json.RawMessage) error {
	var items []json.RawMessage
	if err := json.Unmarshal(raw, &items); err != nil {
		return err
	}
	if len(items) == 0 {
		_, err := fmt.Fprintln(w, "nothing")
		return err
	}
	if !isKind(items[0], '{') {
		for _, item := range items {
			fmt.Fprintln(w, cell(item))
		}
		return nil
	}
	rows := make([][]member, len(items))
	for i, item := range items {
		var err error
		if rows[i], err = membersOf(item); err != nil {
			return err
		}
	}
	return renderRows(w, rows)
}

// What is wider than this, and has few rows, is turned: a row becomes a column.
const (
	widestTable = 120
	fewRows     = 3
)

// renderRows writes a table. What is the same in all of several rows stands below it, once.
func renderRows(w io.Writer, rows [][]member) error {
	var columns, alike []string
	for _, c := range columnsOf(rows, isSimple) {
		if isAlike(rows, c) {
			alike = append(alike, c+" "+cropped(cell(valueOf(rows[0], c))))
		} else {
			columns = append(columns, c)
		}
	}
	if len(columns) == 0 {
		columns, alike = columnsOf(rows, isSimple), nil
	}
	var table bytes.Buffer
	if err := renderTable(&table, rows, columns); err != nil {
		return err
	}
	if len(rows) <= fewRows && width(table.String()) > widestTable {
		return renderTurned(w, rows)
	}
	if _, err := table.WriteTo(w); err != nil || len(alike) == 0 {
		return err
	}
	_, err := fmt.Fprintf(w, "(in all rows: %s)\n", strings.Join(alike, ", "))
	return err
}

func renderTable(w io.Writer, rows [][]member, columns []string) error {
	t := newTable(w)
	var heads []any
	for _, c := range columns {
		heads = append(heads, strings.ToUpper(strings.ReplaceAll(c, "_", " ")))
	}
	t.row(heads...)
	for _, r := range rows {
		cells := make([]any, len(columns))
		for i, c := range columns {
			cells[i] = cropped(cell(valueOf(r, c)))
		}
		t.row(cells...)
	}
	return t.flush()
}

// renderTurned writes a line for each name, with what it is in each row. There is room for short lists.
func renderTurned(w io.Writer, rows [][]member) error {
	t := newTable(w)
	for _, c := range columnsOf(rows, isShort) {
		cells := []any{c}
		for _, r := range rows {
			cells = append(cells, cropped(cell(valueOf(r, c))))
		}
		t.row(cells...)
	}
	return t.flush()
}

// width is the number of characters in the longest line.
func width(text string) (out int) {
	for line := range strings.Lines(text) {
		out = max(out, utf8.RuneCountInString(line)-1)
	}
	return out
}

// isAlike tells whether several rows have the same value under a name.
func isAlike(rows [][]member, name string) bool {
	first := valueOf(rows[0], name)
	for _, r := range rows {
		if !bytes.Equal(valueOf(r, name), first) {
			return false
		}
	}
	return len(rows) > 1
}

// columnsOf returns the names under which at least one row has a value that fits.
func columnsOf(rows [][]member, fits func(json.RawMessage) bool) []string {
	var names []string
	useful := map[string]bool{}
	for _, r := range rows {
		for _, m := range r {
			if !slices.Contains(names, m.name) {
				names = append(names, m.name)
			}
			useful[m.name] = useful[m.name] || fits(m.value)
		}
	}
	return slices.DeleteFunc(names, func(name string) bool { return !useful[name] })
}

func valueOf(row []member, name string) json.RawMessage {
	for _, m := range row {
		if m.name == name {
			return m.value
		}
	}
	return nil
}
