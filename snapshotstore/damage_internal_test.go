package snapshotstore

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// forge writes a pack of objects and lines into a folder of its own, with the checksum and the name that belong to them.
func forge(t *testing.T, objects []byte, lines []byte, n int) (dir, name string) {
	t.Helper()
	_, end := packEnd(nil, uint64(len(objects)))
	end = slices.Concat(lines, end)
	sum := sum(nil, lines)
	copy(end[len(lines)+8:], []byte{0, 0, byte(n >> 8), byte(n)})
	copy(end[len(lines)+12:], sum[:])
	name = fmt.Sprintf("%x%s", sum[:16], packSuffix)
	dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, name), slices.Concat(objects, end), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir, name
}

// encodeLines writes lines in the order in which they are.
func encodeLines(lines []located) (b []byte) {
	for _, l := range lines {
		b = append(b, encodeIndex([]located{l})...)
	}
	return b
}

// A pack whose checksum and name fit an index that is wrong in itself, as a faulty writer would leave it, is refused when
// it is opened, or its objects are when they are read.
func TestForgedIndexes(t *testing.T) {
	p := frozenCopy(t)
	whole, err := os.ReadFile(p.file.Name())
	if err != nil {
		t.Fatal(err)
	}
	last := byOffset(p)[len(p.index)-1]
	objects := whole[:last.offset+uint64(last.stored)]
	for _, tt := range []struct {
		name   string
		forge  func(lines []located) []located
		opens  bool
		damage int // objects that cannot be read
	}{
		{"as it was", func(lines []located) []located { return lines }, true, 0},
		{"two lines changed round", func(l []located) []located { l[3], l[4] = l[4], l[3]; return l }, false, 0},
		{"a line twice", func(l []located) []located { return slices.Insert(l, 3, l[3]) }, false, 0},
		{"a hash twice", func(l []located) []located { l[4].hash = l[3].hash; return l }, false, 0},
		{"beyond the objects", func(l []located) []located { l[3].offset = uint64(len(objects)) - 1; return l }, false, 0},
		{"beyond all numbers", func(l []located) []located { l[3].offset = 1<<64 - 2; return l }, false, 0},
		{"in the magic", func(l []located) []located { l[3].offset = 4; return l }, false, 0},
		{"two places changed round", func(l []located) []located {
			l[3].offset, l[4].offset = l[4].offset, l[3].offset
			l[3].stored, l[4].stored = l[4].stored, l[3].stored
			l[3].raw, l[4].raw = l[4].raw, l[3].raw
			l[3].sum, l[4].sum = l[4].sum, l[3].sum
			return l
		}, true, 2},
		{"another length", func(l []located) []located { l[3].raw++; return l }, true, 1},
		{"no length", func(l []located) []located { l[3].raw, l[3].stored = 0, 0; return l }, true, 1},
		{"another kind", func(l []located) []located { l[3].kind = 'X'; return l }, true, 1},
		{"another sum", func(l []located) []located { l[3].sum++; return l }, true, 1},
		{"another hash", func(l []located) []located { l[3].hash[31] ^= 1; return l }, true, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			lines := tt.forge(slices.Clone(p.index))
			dir, name := forge(t, objects, encodeLines(lines), len(lines))
			opened, err := openPack(dir, name)
			if err != nil {
				damage, ok := errors.AsType[*DamageError](err)
				if tt.opens || !ok || damage.File != filepath.Join(dir, name) {
					t.Errorf("opening gives %v", err)
				}
				return
			}
			defer opened.file.Close()
			found := 0
			opened.verify(func(error) bool { found++; return true })
			if !tt.opens || found != tt.damage {
				t.Errorf("it opens, with %d damaged objects, want %d", found, tt.damage)
			}
		})
	}
}

// Objects in another order, with an index that says so, are another pack of the same objects: right under its own name,
// and refused under the old one.
func TestObjectsInAnotherOrder(t *testing.T) {
	p := frozenCopy(t)
	whole, err := os.ReadFile(p.file.Name())
	if err != nil {
		t.Fatal(err)
	}
	objects := []byte(packMagic)
	lines := slices.Clone(p.index)
	for i := range lines { // in the order of their hashes
		l := &lines[i]
		stored := whole[l.offset : l.offset+uint64(l.stored)]
		l.offset = uint64(len(objects))
		objects = append(objects, stored...)
	}
	dir, name := forge(t, objects, encodeLines(lines), len(lines))
	if name == p.name || len(lines) != len(p.index) {
		t.Fatal("nothing has another place")
	}
	again, err := openPack(dir, name)
	if err != nil {
		t.Fatal(err)
	}
	defer again.file.Close()
	for i := range p.index {
		want, err := p.read(&p.index[i])
		if err != nil {
			t.Fatal(err)
		}
		if got, err := again.read(&again.index[i]); err != nil || !bytes.Equal(got.Bytes, want.Bytes) {
			t.Errorf("object %s: %v", p.index[i].hash, err)
		}
	}
	if err := os.Rename(filepath.Join(dir, name), filepath.Join(dir, p.name)); err != nil {
		t.Fatal(err)
	}
	if _, err := openPack(dir, p.name); !errors.As(err, new(*DamageError)) {
		t.Errorf("under the old name it gives %v", err)
	}
}

// Lines that end early, or that are fewer or more than stated, are refused.
func TestForgedNumbersOfLines(t *testing.T) {
	p := frozenCopy(t)
	whole, err := os.ReadFile(p.file.Name())
	if err != nil {
		t.Fatal(err)
	}
	last := byOffset(p)[len(p.index)-1]
	objects, lines := whole[:last.offset+uint64(last.stored)], encodeLines(p.index)
	for name, tt := range map[string]struct {
		lines []byte
		n     int
	}{
		"one fewer": {lines, len(p.index) - 1}, "one more": {lines, len(p.index) + 1}, "none": {lines, 0},
		"cut": {lines[:len(lines)-1], len(p.index)}, "one byte behind": {append(bytes.Clone(lines), 0), len(p.index)},
		"many": {lines, 1<<16 - 1},
	} {
		dir, file := forge(t, objects, tt.lines, tt.n)
		if opened, err := openPack(dir, file); err == nil {
			_ = opened.file.Close()
			t.Errorf("%s: it is opened", name)
		} else if damage, ok := errors.AsType[*DamageError](err); !ok || damage.File != filepath.Join(dir, file) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
