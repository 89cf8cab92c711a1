package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/thecowboyai/cim-projector/eventlog/streams"
)

// showPlan prints a plan.
func (a *app) showPlan(p streams.Plan) error {
	if a.json {
		return printJSON(a.Stdout, p)
	}
	for _, i := range p.Items {
		if err := printItem(a.Stdout, i); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintln(a.Stdout, summary(p))
	return err
}

// summary counts what a plan does.
func summary(p streams.Plan) string {
	if p.Empty() {
		return "Nothing is to be done: everything is as the layout says."
	}
	var parts []string
	for _, c := range []struct {
		action streams.Action
		text   string
	}{
		{streams.Create, "to create"}, {streams.Change, "to change"}, {streams.Same, "the same"}, {streams.Refuse, "refused"},
	} {
		if n := p.Count(c.action); n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, c.text))
		}
	}
	return strings.Join(parts, ", ") + "."
}

// printItem prints one stream or consumer: what is to be done, the fields, what stands against it, and what to know.
func printItem(w io.Writer, i streams.Item) error {
	t := newTable(w)
	t.row(string(i.Action), i.String())
	if err := t.flush(); err != nil {
		return err
	}
	t = newTable(w)
	for _, c := range i.Changes {
		for n, text := range changeTexts(c) {
			field := "  " + c.Field
			if n > 0 {
				field = ""
			}
			t.row(field, text)
		}
	}
	if err := t.flush(); err != nil {
		return err
	}
	for _, r := range i.Refusals {
		fmt.Fprintf(w, "  Refused%s: %s\n  Instead: %s\n", codeText(r), r.Reason, r.Instead)
	}
	for _, n := range i.Notes {
		fmt.Fprintf(w, "  %s\n", n)
	}
	_, err := fmt.Fprintln(w)
	return err
}

// codeText names the server's error, where it is the server that refuses.
func codeText(r streams.Refusal) string {
	if r.Code == 0 {
		return ""
	}
	return fmt.Sprintf(" by the server (%d)", r.Code)
}

// changeTexts are the lines of one field. Of what is created, a field without a limit is not worth one.
func changeTexts(c streams.FieldChange) []string {
	list, isList := c.New.([]string)
	switch {
	case isList && c.Old == nil:
		if len(list) == 0 {
			return []string{"everything"}
		}
		return list
	case isList:
		old, _ := c.Old.([]string)
		return listChange(old, list)
	case c.Old == nil && valueText(c.Field, c.New) == unlimited:
		return nil
	case c.Old == nil:
		return []string{valueText(c.Field, c.New)}
	}
	return []string{valueText(c.Field, c.Old) + " -> " + valueText(c.Field, c.New)}
}

// listChange are the lines of a list: what comes, and what goes because something wider takes it in.
func listChange(old, now []string) []string {
	var out []string
	for _, s := range now {
		if !slices.Contains(old, s) {
			out = append(out, "+ "+s)
		}
	}
	if len(now) == 0 {
		out = append(out, "+ everything")
	}
	for _, s := range old {
		if !slices.Contains(now, s) {
			out = append(out, "- "+s)
		}
	}
	return out
}

const unlimited = "unlimited"

// valueText is a value of the server's configuration for people.
func valueText(field string, v any) string {
	switch v := v.(type) {
	case time.Duration:
		return ageText(v)
	case int64:
		return limitText(field, v)
	case int32:
		return limitText(field, int64(v))
	case int:
		return limitText(field, int64(v))
	case string:
		if v == "" {
			return "none"
		}
		return v
	}
	return fmt.Sprint(v)
}

func limitText(field string, n int64) string {
	switch {
	case n < 0:
		return unlimited
	case field == "max_bytes" || field == "max_msg_size":
		return bytesText(uint64(n))
	}
	return grouped(n)
}

// ageText is a span of time in the largest unit that it is whole in.
func ageText(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d == 0:
		return unlimited
	case d%day == 0:
		return grouped(int64(d/day)) + " d"
	case d%time.Hour == 0:
		return grouped(int64(d/time.Hour)) + " h"
	case d%time.Second == 0:
		return grouped(int64(d/time.Second)) + " s"
	}
	return d.String()
}
