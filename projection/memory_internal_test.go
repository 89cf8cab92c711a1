package projection

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

func TestFilterDeniesNothingThatIsThere(t *testing.T) {
	f := newKeyFilter()
	bucket := []byte("p/rows")
	key := func(i int) []byte { return binary.BigEndian.AppendUint32(nil, uint32(i)) }
	const keys = 150_000 // over several parts
	for i := range keys {
		f.add(bucket, key(i))
	}
	for i := range keys {
		if !f.mayHave(bucket, key(i)) {
			t.Fatalf("key %d was added and is denied", i)
		}
	}
	wrong := 0
	for i := range keys {
		if f.mayHave(bucket, key(keys+i)) {
			wrong++
		}
	}
	if share := float64(wrong) / keys; share > 0.03 {
		t.Errorf("%.2f %% of the keys that are not there are not denied", 100*share)
	}
	if per := float64(f.bytes()) / keys; per > 6 {
		t.Errorf("the filter takes %.1f bytes a key", per)
	}
	if f.mayHave([]byte("p/other"), key(1)) && f.mayHave([]byte("p/other"), key(2)) && f.mayHave([]byte("p/other"), key(3)) {
		t.Error("keys of another bucket are not denied")
	}
}

// TestRowCacheAgainstMap proves that what the cache returns is what was put last, and that it forgets what it was told
// to.
func TestRowCacheAgainstMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := newRowCache(rapid.SampledFrom([]int{1, 2000, 1 << 20}).Draw(t, "budget"))
		model := map[cacheKey]int{}
		for i := range rapid.SampledFrom([]int{10, 100}).Draw(t, "steps") {
			k := cacheKey{rapid.SampledFrom([]int{0, 1}).Draw(t, "table"), layerKeys.Draw(t, "key")}
			switch rapid.SampledFrom([]string{"put", "put", "get", "get", "remove", "cover"}).Draw(t, "step") {
			case "put":
				c.put(k.table, k.key, i, 30)
				model[k] = i
			case "get":
				if row, ok := c.get(k.table, k.key); ok {
					if want, there := model[k]; !there || row != want {
						t.Fatalf("%v is %v in the cache, want %d %t", k, row, want, there)
					}
				}
			case "remove":
				c.remove(k.table, k.key)
				delete(model, k)
			case "cover":
				overlays := []*overlay{newOverlay(), newOverlay()}
				overlays[k.table].cover(k.key)
				c.removeCovered(overlays)
				for other := range model {
					if other.table == k.table && other.key.HasPrefix(k.key) {
						delete(model, other)
					}
				}
			}
		}
	})
}

func TestRowCacheKeepsItsBudget(t *testing.T) {
	const budget = 1 << 20
	c := newRowCache(budget)
	for i := range 100_000 {
		c.put(0, Key(strconv.Itoa(i)), i, 100)
	}
	held := 0
	for _, half := range []map[cacheKey]cached{c.young, c.old} {
		for _, v := range half {
			held += v.size
		}
	}
	if held > budget+1000 || held < budget/3 {
		t.Errorf("the cache holds %d bytes of a budget of %d", held, budget)
	}
}

// TestOneTableTwoLayers puts the same rows into the base and into deltas, and compares the roots.
func TestRootDoesNotKnowLayers(t *testing.T) {
	whole := rowsModel{}
	for i := range 500 {
		whole[Key(fmt.Sprintf("k%03d", i))] = uint64(i)
	}
	roots := map[string]string{}
	for _, inBase := range []int{0, 250, 500} {
		p := newScripted("p")
		s, err := Open(Config{Dir: t.TempDir(), Worker: "w", Projections: []Projection{p}})
		if err != nil {
			t.Fatal(err)
		}
		base := rowsModel{"k": 9, "k0": 9} // covered or deleted below
		d, err := s.Groups()[0].delta()
		if err != nil {
			t.Fatal(err)
		}
		over := newOverlay()
		over.set("k", nil)
		over.set("k0", nil)
		for key, n := range whole {
			if int(n) < inBase {
				base[key] = n
			} else {
				over.set(key, &scriptedRow{N: n})
			}
		}
		s.base = func(string) Base { return modelBase(base) }
		overlays := make([]*overlay, len(s.tables["p"]))
		for i := range overlays {
			overlays[i] = newOverlay()
		}
		overlays[p.rows.spec.index] = over
		if err := d.commit(&Batch{parts: []*batchPart{{projection: "p", tables: s.tables["p"], overlays: overlays}}}); err != nil {
			t.Fatal(err)
		}
		v, err := s.View("p")
		if err != nil {
			t.Fatal(err)
		}
		root, err := v.root(v.tables[p.rows.spec.index])
		if err != nil || root.Rows != 500 {
			t.Fatalf("%+v, %v", root, err)
		}
		roots[root.Hash.String()] = fmt.Sprintf("%d rows in the base", inBase)
		v.Close()
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if len(roots) != 1 {
		t.Errorf("the root depends on the layers: %v", roots)
	}
}
