package eventlog_test

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// member makes a record of an atomic batch: "b:2" is the second of batch b, "b:3!" the third and last, "" a plain one.
func member(seq eventlog.Seq, text string) eventlog.Record {
	r := eventlog.Record{Seq: seq, Subject: "s"}
	id, place, ok := strings.Cut(text, ":")
	if !ok {
		return r
	}
	place, last := strings.CutSuffix(place, "!")
	r.Header = eventlog.Header{"Nats-Batch-Id": {id}, "Nats-Batch-Sequence": {place}}
	if last {
		r.Header["Nats-Batch-Commit"] = []string{"1"}
	}
	return r
}

// assemble runs records through an assembler and prints its groups: "1-3" is a whole batch, "!1-2" a broken one.
func assemble(a *eventlog.Assembler, records []eventlog.Record) (string, error) {
	var out []string
	for _, r := range records {
		err := a.Add(r, func(g eventlog.Group) error {
			text := fmt.Sprintf("%s-%s", g.Records[0].Seq, g.Last())
			if len(g.Records) == 1 {
				text = g.Last().String()
			}
			if g.Broken {
				text = "!" + text
			}
			out = append(out, text)
			return nil
		})
		if err != nil {
			return strings.Join(out, " "), err
		}
	}
	return strings.Join(out, " "), nil
}

func TestAssembler(t *testing.T) {
	tests := []struct {
		name string
		in   string // members, with a number before @ where the sequence jumps
		want string
		open eventlog.Seq // 0 = none
	}{
		{"plain records", "- - -", "1 2 3", 0},
		{"a whole batch", "- b:1 b:2 b:3! -", "1 2-4 5", 0},
		{"a batch of one", "b:1! -", "1 2", 0},
		{"two batches", "a:1 a:2! b:1 b:2!", "1-2 3-4", 0},
		{"two batches of one name", "a:1 a:2! a:1 a:2!", "1-2 3-4", 0},
		{"an open batch", "- b:1 b:2", "1", 2},
		{"broken by a plain record", "b:1 b:2 -", "!1-2 3", 0},
		{"broken by another batch", "a:1 a:2 b:1 b:2!", "!1-2 3-4", 0},
		{"broken by its own beginning", "a:1 a:2 a:1 a:2!", "!1-2 3-4", 0},
		{"broken by a missing member", "a:1 a:3!", "!1 !2", 0},
		{"broken by a repeated member", "a:1 a:2 a:2!", "!1-2 !3", 0},
		{"broken by a hole in the sequence", "a:1 5@a:2 a:3!", "!1 !5 !6", 0},
		{"begins in the middle", "a:2 a:3! -", "!1 !2 3", 0},
		{"a place that is no number", "a:x a:0 a:-1 a:", "1 2 3 4", 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var a eventlog.Assembler
			var records []eventlog.Record
			seq := eventlog.Seq(0)
			for text := range strings.FieldsSeq(test.in) {
				seq++
				if jump, rest, ok := strings.Cut(text, "@"); ok {
					n, err := strconv.ParseUint(jump, 10, 64)
					if err != nil {
						t.Fatal(err)
					}
					seq, text = eventlog.Seq(n), rest
				}
				records = append(records, member(seq, text))
			}
			got, err := assemble(&a, records)
			if err != nil || got != test.want {
				t.Errorf("groups %q, %v, want %q", got, err, test.want)
			}
			if open, ok := a.Open(); open != test.open || ok != (test.open != 0) {
				t.Errorf("Open = %s, %v, want %s", open, ok, test.open)
			}
			a.Reset()
			if _, ok := a.Open(); ok {
				t.Error("Open after Reset")
			}
		})
	}
}

func TestAssemblerLimit(t *testing.T) {
	records := []eventlog.Record{member(1, "b:1"), member(2, "b:2"), member(3, "b:3!")}
	size := records[0].Size()
	_, err := assemble(&eventlog.Assembler{Limit: 2*size - 1}, records)
	if large, ok := errors.AsType[*eventlog.ErrBatchTooLarge](err); !ok || large.First != 1 || large.Bytes != 2*size || large.Limit != 2*size-1 {
		t.Errorf("a batch over the limit: %v, want *ErrBatchTooLarge", err)
	}
	if got, err := assemble(&eventlog.Assembler{Limit: 2 * size}, records); err != nil || got != "1-3" {
		t.Errorf("a batch whose open part is at the limit: %q, %v, want it whole", got, err)
	}
}

func TestAssemblerPassesErrors(t *testing.T) {
	stop := errors.New("stop")
	var a eventlog.Assembler
	if err := a.Add(member(1, "-"), func(eventlog.Group) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("Add: %v, want the error of emit", err)
	}
}

// TestAssemblerLosesNothing gives any mixture of members to an assembler: all records come out once and in order, whole
// batches are whole, nothing is held but one open batch, and where the input was cut makes no difference.
func TestAssemblerLosesNothing(t *testing.T) {
	texts := rapid.SampledFrom([]string{"-", "a:1", "a:2", "a:3", "a:2!", "a:3!", "b:1", "b:2", "b:1!", "b:2!"})
	rapid.Check(t, func(t *rapid.T) {
		var a eventlog.Assembler
		var in, out []eventlog.Record
		seq := eventlog.Seq(0)
		for _, text := range rapid.SliceOfN(texts, 0, 40).Draw(t, "members") {
			seq += eventlog.Seq(rapid.SampledFrom([]int{1, 1, 1, 1, 2}).Draw(t, "step"))
			r := member(seq, text)
			in = append(in, r)
			if err := a.Add(r, func(g eventlog.Group) error {
				out = append(out, g.Records...)
				checkGroup(t, g)
				return nil
			}); err != nil {
				t.Fatalf("Add: %v", err)
			}
			open, held := a.Open()
			if missing := len(in) - len(out); held != (missing > 0) || held && open != in[len(out)].Seq {
				t.Fatalf("%d records are not out, and Open = %s, %v", missing, open, held)
			}
		}
		for i, r := range out {
			if r.Seq != in[i].Seq {
				t.Fatalf("record %d is %s, want %s", i, r.Seq, in[i].Seq)
			}
		}
	})
}

// checkGroup holds one group against what a batch is.
func checkGroup(t *rapid.T, g eventlog.Group) {
	for i, r := range g.Records {
		last := i == len(g.Records)-1
		id, n := r.Header.Get("Nats-Batch-Id"), r.Header.Get("Nats-Batch-Sequence")
		switch {
		case len(g.Records) == 1 && id == "" && !g.Broken:
		case id != g.Records[0].Header.Get("Nats-Batch-Id") || r.Seq != g.Records[0].Seq+eventlog.Seq(i):
			t.Fatalf("group %v is not of one batch in a row", g)
		case !g.Broken && (n != strconv.Itoa(i+1) || last != (r.Header.Get("Nats-Batch-Commit") != "")):
			t.Fatalf("group %v is not a whole batch", g)
		}
	}
}
