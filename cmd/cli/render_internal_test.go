package cli

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestRender(t *testing.T) {
	for _, c := range []struct{ name, raw, want string }{
		{"text", `"a"`, "a\n"},
		{"number", `12345678901234567890`, "12345678901234567890\n"},
		{"nothing", `null`, "-\n"},
		{"empty list", `[]`, "nothing\n"},
		{"list of values", `["a",1,null]`, "a\n1\n-\n"},
		{"object", `{"graph_id":"g","n":0.1,"gone":null,"at":{"x":1,"y":2.5,"z":-3},"o":{"a":[1, 2]}}`,
			"graph_id  g\nn         0.1\ngone      -\nat        (1, 2.5, -3)\no         {\"a\":[1,2]}\n"},
		{"list in an object", `{"a":1,"edges":[{"id":"e","w":1},{"id":"f","w":2}],"tags":["x","y"],"none":[]}`,
			"a     1\ntags  [\"x\",\"y\"]\nnone  []\n\nedges\nID  W\ne   1\nf   2\n"},
		{"list", `[{"id":"a","n":1,"o":{}},{"id":"b","n":null,"more":"m"}]`, "ID  N  MORE\na   1  -\nb   -  m\n"},
		{"what is alike", `[{"id":"a","kind":"K"},{"id":"b","kind":"K"}]`, "ID\na\nb\n(in all rows: kind K)\n"},
		{"all is alike", `[{"id":"a"},{"id":"a"}]`, "ID\na\na\n"},
		{"one row", `[{"id":"a","kind":"K"}]`, "ID  KIND\na   K\n"},
		{"wide", `[{"id":"a","one":"` + strings.Repeat("x", 47) + `","two":"` + strings.Repeat("y", 47) +
			`","three":"` + strings.Repeat("z", 20) + `","none":null,"list":["l"],"empty":[],"objects":[{}]},{"id":"b"}]`,
			"id     a" + strings.Repeat(" ", 48) + "b\none    " + strings.Repeat("x", 47) + "  -\ntwo    " + strings.Repeat("y", 47) +
				"  -\nthree  " + strings.Repeat("z", 20) + strings.Repeat(" ", 29) + "-\nlist   [\"l\"]" + strings.Repeat(" ", 44) + "-\n"},
		{"time", `[{"created_at":"2026-01-01T10:00:44.500000001Z"}]`, "CREATED AT\n2026-01-01 10:00:44Z\n"},
		{"control characters", `["a\u001b[31m\tb\nc"]`, "a [31m b c\n"},
		{"long text", `[{"a":"` + strings.Repeat("ä", 60) + `"}]`, "A\n" + strings.Repeat("ä", 47) + "…\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out strings.Builder
			if err := render(&out, json.RawMessage(c.raw)); err != nil || out.String() != c.want {
				t.Errorf("got  %q, %v\nwant %q", out.String(), err, c.want)
			}
		})
	}
}

func TestNumbersForPeople(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", -1234567: "-1,234,567", 100000: "100,000", -100: "-100"} {
		if got := grouped(n); got != want {
			t.Errorf("grouped(%d) = %s, want %s", n, got, want)
		}
	}
	if a, b, c := plural(1, "event"), plural(0, "event"), plural(2000, "event"); a != "1 event" || b != "0 events" || c != "2,000 events" {
		t.Errorf("got %s, %s, %s", a, b, c)
	}
	for n, want := range map[uint64]string{12: "12 B", 2048: "2.0 KiB", 3 << 20: "3.0 MiB", 5 << 29: "2.5 GiB"} {
		if got := bytesText(n); got != want {
			t.Errorf("bytesText(%d) = %s, want %s", n, got, want)
		}
	}
	for seconds, want := range map[float64]string{-1: "0 s", 0.04: "0.0 s", 59.94: "59.9 s", 3661: "1h1m1s"} {
		if got := secondsText(seconds); got != want {
			t.Errorf("secondsText(%g) = %s, want %s", seconds, got, want)
		}
	}
}

func TestParseSize(t *testing.T) {
	for text, want := range map[string]int{"1": 1, "7B": 7, "2KiB": 2048, "256MiB": 256 << 20, "2 GB": 2e9, "1GiB": 1 << 30, "5KB": 5000} {
		if got, err := parseSize(text); got != want || err != nil {
			t.Errorf("parseSize(%q) = %d, %v, want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "MiB", "-1MiB", "0", "1.5GiB", "1TiB", "9999999999GiB", "1 2", "mib"} {
		if got, err := parseSize(text); err == nil {
			t.Errorf("parseSize(%q) = %d, want an error", text, got)
		}
	}
}

func TestSplitSample(t *testing.T) {
	first, last := splitSample([]byte("a\nb\nc\n"), 2)
	if string(first) != "a\n" || string(last) != "b\nc\n" {
		t.Errorf("got %q and %q", first, last)
	}
}
