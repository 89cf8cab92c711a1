package projection_test

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/thecowboyai/cim-projector/projection"
)

// component is one part of a key: a text or a number.
type component struct {
	text   string
	number uint64
	isText bool
}

var texts = rapid.Custom(func(t *rapid.T) string {
	return strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "\x00", "\x01", "\xff", "é"}), 0, 4).Draw(t, "text"), "")
})

func drawShape(t *rapid.T) []bool {
	return rapid.SliceOfN(rapid.Bool(), 1, 4).Draw(t, "shape")
}

func drawComponents(t *rapid.T, shape []bool) []component {
	var out []component
	for _, isText := range shape {
		c := component{isText: isText}
		if isText {
			c.text = texts.Draw(t, "component")
		} else {
			c.number = rapid.OneOf(rapid.Uint64(), rapid.Uint64Range(0, 300)).Draw(t, "component")
		}
		out = append(out, c)
	}
	return out
}

func makeKey(components []component) projection.Key {
	var k projection.Key
	for _, c := range components {
		if c.isText {
			k = k.Text(c.text)
		} else {
			k = k.Uint(c.number)
		}
	}
	return k
}

func compareComponents(a, b []component) int {
	return slices.CompareFunc(a, b, func(x, y component) int {
		return cmp.Or(strings.Compare(x.text, y.text), cmp.Compare(x.number, y.number))
	})
}

func TestKeysSortAsTheyMean(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shape := drawShape(t)
		a, b := drawComponents(t, shape), drawComponents(t, shape[:rapid.IntRange(1, len(shape)).Draw(t, "length")])
		x, y := makeKey(a), makeKey(b)
		if got, want := cmp.Compare(x, y), compareComponents(a, b); got != want {
			t.Fatalf("%v and %v compare as %d, their keys %q and %q as %d", a, b, want, x, y, got)
		}
		isPrefix := len(b) <= len(a) && slices.Equal(a[:len(b)], b)
		if x.HasPrefix(y) != isPrefix {
			t.Fatalf("%q has the prefix %q: %t, want %t", x, y, !isPrefix, isPrefix)
		}
	})
}

func TestKeysComeApart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := drawComponents(t, drawShape(t))
		key := makeKey(want)
		rest := key
		for _, c := range want {
			var text string
			var number uint64
			var err error
			if c.isText {
				text, rest, err = rest.CutText()
			} else {
				number, rest, err = rest.CutUint()
			}
			if err != nil || text != c.text || number != c.number {
				t.Fatalf("%q gave %q %d %v, want %+v", key, text, number, err, c)
			}
		}
		if rest != "" {
			t.Fatalf("%q is left of %q", rest, key)
		}
	})
}

func TestMakeKeyIsTextAfterText(t *testing.T) {
	if got, want := projection.MakeKey("a\x00", "", "b"), projection.Key("").Text("a\x00").Text("").Text("b"); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestBrokenKeysAreRefused(t *testing.T) {
	for _, k := range []projection.Key{"", "a", "a\x00", "a\x00\x02", "a\x00\xff", "\x00\xff\x00"} {
		if text, _, err := k.CutText(); err == nil {
			t.Errorf("CutText of %q gave %q", k, text)
		}
	}
	for _, k := range []projection.Key{"", "1234567"} {
		if n, _, err := k.CutUint(); err == nil {
			t.Errorf("CutUint of %q gave %d", k, n)
		}
	}
}

func FuzzCutText(f *testing.F) {
	f.Add("a\x00\x01rest")
	f.Add("a\x00\xffb\x00\x01")
	f.Fuzz(func(t *testing.T, raw string) {
		text, rest, err := projection.Key(raw).CutText()
		if err != nil {
			return
		}
		if again := projection.MakeKey(text) + rest; again != projection.Key(raw) {
			t.Errorf("%q came apart as %q and %q, which make %q", raw, text, rest, again)
		}
	})
}
