package conceptual_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/thecowboyai/cim-projector/aggregate/conceptual"
	"github.com/thecowboyai/cim-projector/aggregate/conceptual/conceptualtest"
	"github.com/thecowboyai/cim-projector/eventlog"
)

// wanted is testdata/want.json. A member that it has and this type has not fails the test.
type wanted struct {
	Docs struct {
		Embeddings    map[string][]float32 `json:"embeddings_f32"`
		Cosine        map[string]float64   `json:"cosine"`
		Euclidean     map[string]float64   `json:"euclidean"`
		EuclideanNote string               `json:"euclidean_note"`
		Pairs         int                  `json:"similarity_pairs"`
		Categories    map[string]struct {
			Members   []string `json:"members"`
			Prototype string   `json:"prototype"`
		} `json:"categories"`
		Spaces map[string]struct {
			Dimensions []wantedDimension `json:"dimensions"`
			Stale      []string          `json:"stale"`
		} `json:"spaces"`
	} `json:"docs"`
	Graph struct {
		Concepts map[string]struct {
			Properties map[string]float64    `json:"properties"`
			Inferred   map[string][2]float64 `json:"inferred"`
		} `json:"concepts"`
		Relations [][4]any `json:"relations"`
	} `json:"cim-graph"`
}

type wantedDimension struct {
	Name   string     `json:"name"`
	Type   string     `json:"type"`
	Range  [2]float32 `json:"range"`
	Weight float32    `json:"weight_f32"`
}

func readWanted(t *testing.T) (w wanted) {
	t.Helper()
	raw, err := os.ReadFile("testdata/want.json")
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&w); err != nil {
		t.Fatal(err)
	}
	return w
}

func lines(t *testing.T, name string, want int, each func(line []byte)) {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for s := bufio.NewScanner(bytes.NewReader(raw)); s.Scan(); n++ {
		each(s.Bytes())
	}
	if n != want {
		t.Fatalf("%s has %d events, want %d", name, n, want)
	}
}

// TestDocumentVectors folds the document's conceptual events into the state that was computed by hand.
func TestDocumentVectors(t *testing.T) {
	var s conceptualtest.State
	lines(t, "testdata/docs.jsonl", 6, func(raw []byte) {
		var line struct {
			Subject string
			Message json.RawMessage
		}
		if err := json.Unmarshal(raw, &line); err != nil {
			t.Fatal(err)
		}
		e, err := eventlog.Decode(&eventlog.Record{Seq: 1, Subject: line.Subject, Body: line.Message})
		if err != nil {
			t.Fatal(err)
		}
		apply(t, &s, &e)
		if err := s.Check(); err != nil {
			t.Fatal(err)
		}
	})
	want, got := readWanted(t), wanted{}
	got.Docs.Embeddings = map[string][]float32{}
	for _, e := range s.Embeddings() {
		v, _ := s.Vector(e.EntityID, e.Model)
		got.Docs.Embeddings[e.EntityID] = v.Floats()
	}
	if diff := cmp.Diff(want.Docs.Embeddings, got.Docs.Embeddings); diff != "" {
		t.Errorf("embeddings (-want +got):\n%s", diff)
	}
	wantCategories(t, want, &s)
	wantSpaces(t, want, &s)
	if pairs := s.Similarities(); len(pairs) != want.Docs.Pairs || pairs[0].Score != 0.6 {
		t.Errorf("similarities %+v", pairs)
	}
	if len(s.Anomalies) > 0 {
		t.Errorf("anomalies %v", s.Anomalies)
	}
	for pair, score := range want.Docs.Cosine { // the vectors themselves, by plain arithmetic; the queries have tests of their own
		a, b, _ := bytes.Cut([]byte(pair), []byte("-"))
		x, y := got.Docs.Embeddings["concept-"+string(a)], got.Docs.Embeddings["concept-"+string(b)]
		cosine, distance := measure(x, y)
		if math.Abs(cosine-score) > 1e-6 || math.Abs(distance-want.Docs.Euclidean[pair]) > 1e-6 {
			t.Errorf("%s: %v and %v, want %v and %v", pair, cosine, distance, score, want.Docs.Euclidean[pair])
		}
	}
}

func measure(x, y []float32) (cosine, distance float64) {
	var xy, xx, yy, dd float64
	for i := range x {
		a, b := float64(x[i]), float64(y[i])
		xy, xx, yy, dd = xy+a*b, xx+a*a, yy+b*b, dd+(a-b)*(a-b)
	}
	return xy / math.Sqrt(xx*yy), math.Sqrt(dd)
}

func wantCategories(t *testing.T, want wanted, s *conceptualtest.State) {
	t.Helper()
	all := s.Categories()
	if len(all) != len(want.Docs.Categories) {
		t.Errorf("%d categories, want %d", len(all), len(want.Docs.Categories))
	}
	for _, c := range all {
		w := want.Docs.Categories[c.ID]
		if diff := cmp.Diff(w.Members, c.Members); diff != "" || *c.Prototype != w.Prototype {
			t.Errorf("category %s: prototype %s, members (-want +got):\n%s", c.ID, *c.Prototype, diff)
		}
	}
}

func wantSpaces(t *testing.T, want wanted, s *conceptualtest.State) {
	t.Helper()
	stale := map[string][]string{}
	for _, mark := range s.Stale() {
		stale[mark.SpaceID] = append(stale[mark.SpaceID], mark.EntityID)
	}
	all := s.Spaces()
	if len(all) != len(want.Docs.Spaces) {
		t.Errorf("%d spaces, want %d", len(all), len(want.Docs.Spaces))
	}
	for _, p := range all {
		var got []wantedDimension
		for _, d := range p.Dimensions {
			got = append(got, wantedDimension{d.Name, d.Kind, [2]float32{d.Range.Start, d.Range.End}, *d.Weight})
		}
		if diff := cmp.Diff(want.Docs.Spaces[p.ID].Dimensions, got); diff != "" {
			t.Errorf("space %s: dimensions (-want +got):\n%s", p.ID, diff)
		}
		if diff := cmp.Diff(want.Docs.Spaces[p.ID].Stale, stale[p.ID]); diff != "" {
			t.Errorf("space %s: stale entities (-want +got):\n%s", p.ID, diff)
		}
	}
}

// TestConceptVectors folds cim-graph's concept events into the state that was computed by hand.
func TestConceptVectors(t *testing.T) {
	var s conceptualtest.State
	lines(t, "testdata/cim-graph.jsonl", 4, func(raw []byte) {
		var line struct {
			Type, Name string
			Payload    json.RawMessage
		}
		if err := json.Unmarshal(raw, &line); err != nil {
			t.Fatal(err)
		}
		apply(t, &s, &eventlog.Event{Domain: "conceptual", Type: line.Type, Name: line.Name, Payload: eventlog.Value(line.Payload)})
	})
	if err := s.Check(); err != nil {
		t.Fatal(err)
	}
	want, got := readWanted(t), wanted{}
	if err := json.Unmarshal(conceptsText(t, s.Concepts()), &got.Graph.Concepts); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want.Graph.Concepts, got.Graph.Concepts); diff != "" {
		t.Errorf("concepts (-want +got):\n%s", diff)
	}
	for _, r := range s.Relations() {
		got.Graph.Relations = append(got.Graph.Relations, [4]any{r.Source, r.Target, r.Kind, *r.Strength})
	}
	if diff := cmp.Diff(want.Graph.Relations, got.Graph.Relations); diff != "" {
		t.Errorf("relations (-want +got):\n%s", diff)
	}
	if len(s.Anomalies) > 0 {
		t.Errorf("anomalies %v", s.Anomalies)
	}
}

func conceptsText(t *testing.T, all []conceptual.Concept) []byte {
	t.Helper()
	out := map[string]any{}
	for _, c := range all {
		properties, inferred := map[string]json.RawMessage{}, map[string][2]float64{}
		for name, v := range c.Properties {
			properties[name] = json.RawMessage(v)
		}
		for _, i := range c.Inferred {
			inferred[i.Name] = [2]float64{i.Value, *i.Confidence}
		}
		out[c.ID] = map[string]any{"properties": properties, "inferred": inferred}
	}
	raw, err := json.Marshal(out)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
