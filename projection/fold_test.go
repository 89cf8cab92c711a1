package projection_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/projection/projectiontest"
)

const ledgerSubject = "event.ledger.x"

// sample is a short history with one record for everything that can become of a record.
func sample() []eventlog.Record {
	var h projectiontest.History
	h.Add(ledgerSubject, "put", payload{"a", "i", 3, nil})
	h.Add(ledgerSubject, "put", payload{"a", "j", 4, map[string]any{"z": 1}})
	h.Add(ledgerSubject, "put", payload{"ab", "i", 5, nil})
	h.Add(ledgerSubject, "sum", payload{"a", "", 0, nil}) // refused: an empty id
	h.Add(ledgerSubject, "sum", payload{"a", "i", 0, nil})
	h.Add(ledgerSubject, "close", payload{"a", "i", 0, nil})
	h.Add(ledgerSubject, "drop", payload{"a", "i", 0, nil})    // anomaly
	h.Add(ledgerSubject, "refuse", payload{"ab", "k", 1, nil}) // rolled back
	h.Add(ledgerSubject, "strange", payload{"ab", "k", 1, nil})
	h.Add("event.other.x", "put", payload{"ab", "k", 1, nil})
	h.Miss(2)
	h.AddBody(ledgerSubject, []byte("no json"))
	return h.Records
}

func TestRunAccountsForEveryRecord(t *testing.T) {
	l := newLedger()
	v := projectiontest.Run(t, l, sample())
	want := projection.Counts{Applied: 6, OtherSubject: 1, UnknownType: 1, Undecodable: 1, DeadLetters: 2, Anomalies: 1}
	if diff := cmp.Diff(want, v.Counts()); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	var items []string
	l.items.Scan(v, "", "", func(k projection.Key, row *itemRow) bool {
		account, _, _ := k.CutText()
		items = append(items, account)
		return true
	})
	if diff := cmp.Diff([]string{"ab"}, items); diff != "" {
		t.Errorf("items (-want +got):\n%s", diff)
	}
	if sum, ok := l.sums.Get(v, projection.MakeKey("a")); !ok || *sum != (sumRow{2, 7}) {
		t.Errorf("sum of a is %v, %t; want {2 7}", sum, ok)
	}
	if at := v.At(); at.Seq != 13 || at.Records != 11 || at.Anchor.Seq != 13 || at.Stream != projectiontest.Stream {
		t.Errorf("the checkpoint is %+v", at)
	}
}

func TestLettersAndAnomaliesCanBePaged(t *testing.T) {
	v := projectiontest.Run(t, newLedger(), sample())
	var letters, rest, anomalies []eventlog.Seq
	v.Letters("", func(l *projection.Letter) bool { letters = append(letters, l.Seq); return true })
	v.Letters(projection.Key("").Uint(5), func(l *projection.Letter) bool { rest = append(rest, l.Seq); return true })
	v.Anomalies("", func(a *projection.AnomalyRow) bool { anomalies = append(anomalies, a.Seq); return true })
	if diff := cmp.Diff([][]eventlog.Seq{{4, 8}, {8}, {7}}, [][]eventlog.Seq{letters, rest, anomalies}); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestLetterKeepsTheRecordWhole(t *testing.T) {
	r := eventlog.Record{
		Seq: 1, Time: 7, Subject: ledgerSubject, Header: eventlog.Header{"B": {"2", "3"}, "A": {"1"}},
		Body: []byte(`{"event_type":"refuse","event_id":"e","aggregate_id":"g","payload":{"account":"a","item":"i","n":1}}`),
	}
	v := projectiontest.Run(t, newLedger(), []eventlog.Record{r})
	want := &projection.Letter{
		Seq: 1, Time: 7, Subject: ledgerSubject, Body: r.Body, Type: "refuse", EventID: "e", AggregateID: "g",
		Headers: []projection.HeaderField{{Name: "A", Value: "1"}, {Name: "B", Value: "2"}, {Name: "B", Value: "3"}},
		Code:    eventlog.CodeOutOfRange, Field: "n", Offset: -1,
	}
	v.Letters("", func(got *projection.Letter) bool {
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		return true
	})
}

func TestFaultsNameProjectionAndEvent(t *testing.T) {
	tests := []struct {
		name  string
		apply func(p *probe, tx *projection.Tx) error
		want  string
	}{
		{"error", func(*probe, *projection.Tx) error { return errors.New("no idea") }, "no idea"},
		{"panic", func(*probe, *projection.Tx) error { panic("at the disco") }, "panic: at the disco"},
		{"empty key", func(p *probe, tx *projection.Tx) error {
			p.rows.Put(tx, "", &sumRow{})
			return nil
		}, "an empty key"},
		{"empty range", func(p *probe, tx *projection.Tx) error {
			p.rows.DeleteRange(tx, "")
			return nil
		}, "an empty key"},
		{"long key", func(p *probe, tx *projection.Tx) error {
			p.rows.Put(tx, projection.Key(strings.Repeat("k", projection.MaxKeyBytes+1)), &sumRow{})
			return nil
		}, "a key of 16385 bytes"},
		{"no row", func(p *probe, tx *projection.Tx) error {
			p.rows.Put(tx, "k", nil)
			return nil
		}, "Put without a row"},
		{"write in a scan", func(p *probe, tx *projection.Tx) error {
			p.rows.Put(tx, "k", &sumRow{})
			p.rows.Scan(tx, "", "", func(k projection.Key, _ *sumRow) bool {
				p.rows.Delete(tx, k)
				return true
			})
			return nil
		}, "while the table is being scanned"},
		{"table of another projection", func(p *probe, tx *projection.Tx) error {
			newProbe(nil).rows.Get(tx, "k")
			return nil
		}, "does not belong to probe"},
		{"fault hidden by a refusal", func(p *probe, tx *projection.Tx) error {
			p.rows.Put(tx, "", &sumRow{})
			return projection.ErrUnknownType
		}, "an empty key"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := newProbe(tt.apply)
			g := projectiontest.Open(t, t.TempDir(), p).Groups()[0]
			f, err := g.Fold()
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			in := projection.NewPreparer(f.Projections(), nil).Prepare(sample()[0], false)
			err = f.Apply(&in)
			fault, ok := errors.AsType[*projection.FaultError](err)
			if !ok || fault.Projection != "probe" || fault.Seq != 1 {
				t.Fatalf("Apply returned %v, want a FaultError of probe at 1", err)
			}
			if shown := fmt.Sprint(fault.Err); !strings.Contains(shown, tt.want) {
				t.Errorf("the author of the projection reads %q, want %q in it", shown, tt.want)
			}
		})
	}
}

// probe is a projection that does in Apply what a test says.
type probe struct {
	schema *projection.Schema
	rows   projection.Table[sumRow]
	apply  func(*probe, *projection.Tx) error
}

func newProbe(apply func(*probe, *projection.Tx) error) *probe {
	s := projection.NewSchema()
	return &probe{schema: s, rows: projection.Primary[sumRow](s, "rows"), apply: apply}
}

func (p *probe) Name() string                                       { return "probe" }
func (p *probe) Version() int                                       { return 1 }
func (p *probe) Subjects() []string                                 { return []string{">"} }
func (p *probe) Schema() *projection.Schema                         { return p.schema }
func (p *probe) Apply(tx *projection.Tx, _ *projection.Event) error { return p.apply(p, tx) }

func TestApplyRefusesAnEventTwice(t *testing.T) {
	g := projectiontest.Open(t, t.TempDir(), newLedger()).Groups()[0]
	projectiontest.Commit(t, g, sample()...)
	f, err := g.Fold()
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	prepare := projection.NewPreparer(f.Projections(), nil)
	in := prepare.Prepare(sample()[0], false)
	if err := f.Apply(&in); err == nil {
		t.Error("an event below the checkpoint was applied again")
	}
	in = projection.NewPreparer(nil, nil).Prepare(eventlog.Record{Seq: 99}, false)
	if err := f.Apply(&in); err == nil {
		t.Error("an event that was prepared for other projections was applied")
	}
}

func TestCommitRefusesABatchOfAnotherFold(t *testing.T) {
	g := projectiontest.Open(t, t.TempDir(), newLedger()).Groups()[0]
	stale, err := g.Fold()
	if err != nil {
		t.Fatal(err)
	}
	defer stale.Close()
	projectiontest.Commit(t, g, sample()[:3]...)
	in := projection.NewPreparer(stale.Projections(), nil).Prepare(sample()[0], false)
	if err := stale.Apply(&in); err != nil {
		t.Fatal(err)
	}
	b, err := stale.Seal()
	if err != nil {
		t.Fatal(err)
	}
	if err := g.Commit(b); err == nil {
		t.Error("a batch was stored over a state that it does not continue")
	}
	if at, err := g.Checkpoint(); err != nil || at.Seq != 3 {
		t.Errorf("the checkpoint is %s, %v; want 3", at.Seq, err)
	}
}

func TestSealWaitsForTheCommitBefore(t *testing.T) {
	g := projectiontest.Open(t, t.TempDir(), newLedger()).Groups()[0]
	f, err := g.Fold()
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if b, err := f.Seal(); b != nil || err != nil {
		t.Errorf("nothing sealed is %v, %v", b, err)
	}
	prepare := projection.NewPreparer(f.Projections(), nil)
	var first *projection.Batch
	for i, r := range sample()[:2] {
		in := prepare.Prepare(r, false)
		if err := f.Apply(&in); err != nil {
			t.Fatal(err)
		}
		b, err := f.Seal()
		if i == 0 {
			first = b
		} else if err == nil {
			t.Error("a second batch was sealed before the first was committed")
		}
	}
	if err := g.Commit(first); err != nil {
		t.Fatal(err)
	}
	f.Committed(first)
	second, err := f.Seal()
	if err != nil || second == nil || second.First.Seq != 2 || second.Records != 1 {
		t.Fatalf("the second batch is %+v, %v", second, err)
	}
	if err := g.Commit(second); err != nil {
		t.Fatal(err)
	}
	f.Committed(second)
}

func TestValidateReportsEverything(t *testing.T) {
	config := projection.Config{Projections: []projection.Projection{newLedger(), newLedger(), newLedgerNamed("Bad")}}
	shown := fmt.Sprint(config.Validate())
	for _, want := range []string{"no data directory", "ledger is configured twice", `"Bad"`} {
		if !strings.Contains(shown, want) {
			t.Errorf("%s does not say %q", shown, want)
		}
	}
}
