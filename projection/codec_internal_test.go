package projection

import (
	"bytes"
	"encoding/hex"
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/vmihailenco/msgpack/v5"
	"pgregory.net/rapid"

	"github.com/thecowboyai/cim-projector/eventlog"
)

type everyKind struct {
	B   bool
	I   int
	I8  int8
	I64 int64
	U8  uint8
	U   uint64
	F32 float32
	F64 float64
	S   string
	Raw []byte
	H   eventlog.Hash
	V   eventlog.Value
	M   map[string]eventlog.Value
	L   []string
	P   *innerRow
	R   []innerRow
}

type innerRow struct {
	A string
	N []int32
}

// TestRowBytesAreFrozen holds the encoding: these bytes may only change together with the versions of all projections.
func TestRowBytesAreFrozen(t *testing.T) {
	row := &everyKind{
		B: true, I: -1, I8: 127, I64: math.MinInt64, U8: 200, U: math.MaxUint64, F32: 1.5, F64: -0.25, S: "é", Raw: []byte{1},
		H: eventlog.Hash{7}, V: eventlog.Value("{}"), M: map[string]eventlog.Value{"b": nil, "a": eventlog.Value("1")},
		L: []string{"x", ""}, P: &innerRow{A: "y", N: []int32{300}}, R: []innerRow{{}},
	}
	const want = "dc0010c3ff7fd38000000000000000ccc8cfffffffffffffffffca3fc00000cbbfd0000000000000a2c3a9c40101c4200700" +
		"000000000000000000000000000000000000000000000000000000000000c4027b7d82a161c40131a162c092a178a092a17991cd012c9192a0c0"
	for range 20 { // maps have another order each time
		got, err := encodeRow(row)
		if err != nil || hex.EncodeToString(got) != want {
			t.Fatalf("%x, %v; want %s", got, err, want)
		}
	}
	empty, err := encodeRow(&everyKind{})
	const wantEmpty = "dc0010c20000000000ca00000000cb0000000000000000a0c0c42000000000000000000000000000" +
		"00000000000000000000000000000000000000c0c0c0c0c0"
	if err != nil || hex.EncodeToString(empty) != wantEmpty {
		t.Errorf("%x, %v; want %s", empty, err, wantEmpty)
	}
}

// TestRowsComeBack proves that nothing of a row is lost or made up, nil and empty included: a row from the cache and
// the same row from the file must not differ.
func TestRowsComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		row := rapid.Make[everyKind]().Draw(t, "row")
		raw, err := encodeRow(&row)
		if err != nil {
			t.Fatal(err)
		}
		var back everyKind
		if err := decodeRow(raw, &back); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(row, back) && row.F32 == row.F32 && row.F64 == row.F64 {
			t.Fatalf("it comes back as\n%s", cmp.Diff(row, back))
		}
		again, err := encodeRow(&back)
		if err != nil || !bytes.Equal(raw, again) {
			t.Fatalf("%x, then %x, %v", raw, again, err)
		}
	})
}

func TestDecodeRefusesOtherShapes(t *testing.T) {
	raw, err := encodeRow(&innerRow{A: "x"})
	if err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string][]byte{
		"bytes behind": append(bytes.Clone(raw), 0), "cut short": raw[:len(raw)-1], "nothing": nil, "another shape": {0x91, 0xa1, 'x'},
		"long map": {0xdf, 0xff, 0xff, 0xff, 0xff},
	} {
		if err := decodeRow(bad, &innerRow{}); err == nil {
			t.Errorf("%s: %x was taken", name, bad)
		}
	}
}

func FuzzDecodeRow(f *testing.F) {
	raw, err := encodeRow(&everyKind{M: map[string]eventlog.Value{"a": nil}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Fuzz(func(t *testing.T, raw []byte) {
		if msgpack.NewDecoder(bytes.NewReader(raw)).Skip() != nil {
			return // the library makes room for any length that it reads; what decodeRow is given has passed its checksum
		}
		var row everyKind
		if err := decodeRow(raw, &row); err != nil {
			return
		}
		if _, err := encodeRow(&row); err != nil {
			t.Errorf("a row that was read cannot be written: %v", err)
		}
	})
}

type hidden struct{ n int }

type tagged struct {
	N int `msgpack:"n,omitempty"`
}

type selfMade struct{ N int }

func (selfMade) MarshalText() ([]byte, error) { return nil, nil }

func TestRowTypesWithoutCanonicalFormAreRefused(t *testing.T) {
	_ = hidden{}.n
	for _, declare := range []func(*Schema){
		func(s *Schema) { Primary[map[string]string](s, "t") },
		func(s *Schema) { Primary[struct{ M map[string]int }](s, "t") },
		func(s *Schema) { Primary[struct{ A any }](s, "t") },
		func(s *Schema) { Primary[struct{ T time.Time }](s, "t") },
		func(s *Schema) { Primary[[]hidden](s, "t") },
		func(s *Schema) { Primary[tagged](s, "t") },
		func(s *Schema) { Primary[struct{ S *selfMade }](s, "t") },
		func(s *Schema) { Primary[struct{ F func() }](s, "t") },
		func(s *Schema) { Primary[everyKind](s, "Upper") },
		func(s *Schema) { Primary[everyKind](s, "_own") },
		func(s *Schema) { Primary[everyKind](s, "t"); Derived[everyKind](s, "t") },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Error("a declaration was taken that should not be")
				}
			}()
			declare(NewSchema())
		}()
	}
	Primary[everyKind](NewSchema(), "fine")
}

func TestCheckpointComesBack(t *testing.T) {
	c := Checkpoint{Stream: eventlog.Stream{Name: "S", Created: 5}}
	for seq := eventlog.Seq(1); seq < 3000; seq += 1 + seq%3 {
		c.Advance(seq, eventlog.Time(1000-seq), eventlog.Hash{byte(seq), byte(seq >> 8)})
	}
	c.Seq += 7
	raw, err := c.encode()
	if err != nil {
		t.Fatal(err)
	}
	back, err := decodeCheckpoint(raw)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(c, back, cmp.Exporter(func(reflect.Type) bool { return true })); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	again, err := back.encode()
	if err != nil || !bytes.Equal(raw, again) {
		t.Errorf("it is written with other bytes the second time, %v", err)
	}
}
