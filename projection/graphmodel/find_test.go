package graphmodel_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
)

// place is a node as the plainest search sees it. Its ids and values are few, so that there are ties and many answers.
type place struct {
	id, kind  string
	at        *[3]float64 // nil where none was given, or one that is not finite
	level     string      // its metadata's access_level, or ""
	rank      int
	component string
}

func (p *place) created(graph string) string {
	position, level := "null", ""
	if p.at != nil {
		position = fmt.Sprintf(`{"x":%v,"y":%v,"z":%v}`, p.at[0], p.at[1], p.at[2])
	} else if p.rank == 1 {
		position = `{"x":null,"y":0,"z":0}` // as serde writes NaN
	}
	if p.level != "" {
		level = fmt.Sprintf(`,"access_level":%s`, p.level)
	}
	return fmt.Sprintf(`{"graph_id":%q,"node_id":%q,"node_type":%s,"position":%s,"components":[{%q:{}}],"metadata":{"rank":%d%s}}`,
		graph, p.id, p.kind, position, p.component, p.rank, level)
}

func drawPlace(i int) *rapid.Generator[place] {
	return rapid.Custom(func(t *rapid.T) place {
		p := place{
			id:        fmt.Sprintf("n%02d", i),
			kind:      rapid.SampledFrom([]string{`"A"`, `{"A":{"name":"x"}}`, `"B"`, `{"B":1}`}).Draw(t, "kind"),
			level:     rapid.SampledFrom([]string{"", "", "null", `"Open"`, `{"Open":{"to":["u"]}}`, `"Closed"`, "3"}).Draw(t, "level"),
			rank:      rapid.IntRange(0, 2).Draw(t, "rank"),
			component: rapid.SampledFrom([]string{"Visual", "Label"}).Draw(t, "component"),
		}
		if rapid.IntRange(0, 4).Draw(t, "placed") > 0 {
			at := drawPoint(t)
			p.at = &at
		}
		return p
	})
}

func drawPoint(t *rapid.T) (at [3]float64) {
	for i := range at {
		at[i] = float64(rapid.IntRange(-2, 2).Draw(t, "axis")) / 2 // exact as a float32
	}
	return at
}

// condition is a filter as it is asked for, and as it is meant.
type condition struct {
	text  string
	holds func(policy string, p *place) bool
}

func has(text, name string) bool { return strings.Contains(text, `"`+name+`"`) }

func drawCondition(t *rapid.T) condition {
	pick := func(names ...string) string { return rapid.SampledFrom(names).Draw(t, "name") }
	switch rapid.IntRange(0, 4).Draw(t, "filter") {
	case 0:
		name := pick("A", "B", "C")
		text := pick(fmt.Sprintf("%q", name), fmt.Sprintf(`{%q:{"name":"other"}}`, name))
		return condition{`{"ByType":` + text + `}`, func(_ string, p *place) bool { return has(p.kind, name) }}
	case 1:
		name := pick("Visual", "Label", "Sound")
		return condition{fmt.Sprintf(`{"ByComponent":%q}`, name), func(_ string, p *place) bool { return p.component == name }}
	case 2:
		rank := rapid.IntRange(0, 3).Draw(t, "rank")
		text := fmt.Sprintf(`{"ByMetadata":{"key":"rank","value":%d.0}}`, rank)
		return condition{text, func(_ string, p *place) bool { return p.rank == rank }}
	case 3:
		name := pick("Open", "Closed", "Shared")
		return condition{fmt.Sprintf(`{"ByAccessLevel":%q}`, name), func(policy string, p *place) bool {
			if p.level != "" && p.level != "null" {
				return has(p.level, name)
			}
			return has(policy, name)
		}}
	}
	low, high := drawPoint(t), drawPoint(t)
	text := fmt.Sprintf(`{"ByPosition":{"min":[%v,%v,%v],"max":{"x":%v,"y":%v,"z":null}}}`, low[0], low[1], low[2], high[0], high[1])
	return condition{text, func(_ string, p *place) bool {
		return p.at != nil && p.at[0] >= low[0] && p.at[1] >= low[1] && p.at[2] >= low[2] && p.at[0] <= high[0] && p.at[1] <= high[1]
	}}
}

func distance(from [3]float64, p *place) float64 {
	if p.at == nil {
		return math.Inf(1)
	}
	var sum float64
	for i, axis := range from {
		sum += (axis - p.at[i]) * (axis - p.at[i])
	}
	return sum
}

// TestFindAgainstAPlainSearch asks random questions of random graphs, page by page, and expects what looking at every node in
// memory gives.
func TestFindAgainstAPlainSearch(t *testing.T) {
	m := open(t, t.TempDir())
	graphs, seq := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		graphs++
		name := fmt.Sprintf("g%d", graphs)
		policy := rapid.SampledFrom([]string{"null", `"Open"`, `{"Shared":["u"]}`}).Draw(rt, "policy")
		var places []place
		for i := range rapid.IntRange(0, 12).Draw(rt, "nodes") {
			places = append(places, drawPlace(i).Draw(rt, "node"))
		}
		apply := func(kind, payload string) { seq++; m.apply(event(seq, kind, name, payload)) }
		for i := range places { // before their graph, which they make a placeholder of
			apply("node_created", places[i].created(name))
		}
		apply("graph_created", fmt.Sprintf(`{"graph_id":%q,"access_policy":%s}`, name, policy))
		m.commit()

		conditions := rapid.SliceOfN(rapid.Custom(drawCondition), 0, 3).Draw(rt, "filters")
		points := rapid.SliceOfN(rapid.Custom(drawPoint), 0, 3).Draw(rt, "sort_by")
		var texts, orders []string
		for _, c := range conditions {
			texts = append(texts, c.text)
		}
		for _, p := range points {
			orders = append(orders, fmt.Sprintf(`{"ByDistance":[%v,%v,%v]}`, p[0], p[1], p[2]))
		}
		wanted := func(p place) bool {
			return !slices.ContainsFunc(conditions, func(c condition) bool { return !c.holds(policy, &p) })
		}
		limit := rapid.IntRange(1, 5).Draw(rt, "limit")
		filters := strings.Join(texts, ",")
		everyPage(rt, m, "graph.find_nodes",
			fmt.Sprintf(`{"graph_id":%q,"filters":[%s],"sort_by":[%s]}`, name, filters, strings.Join(orders, ",")),
			limit, plain(places, wanted, points))

		center, radius := drawPoint(rt), float64(rapid.IntRange(0, 6).Draw(rt, "radius"))/2
		everyPage(rt, m, "graph.find_nodes_in_radius",
			fmt.Sprintf(`{"graph_id":%q,"filters":[%s],"center":[%v,%v,%v],"radius":%v}`,
				name, filters, center[0], center[1], center[2], radius),
			limit, plain(places, func(p place) bool { return wanted(p) && distance(center, &p) <= radius*radius }, [][3]float64{center}))
	})
}

// plain returns the ids of the wanted nodes, ordered by the distances from the points, one after the other, and then by id.
func plain(places []place, wanted func(p place) bool, points [][3]float64) []string {
	sorted := slices.Clone(places)
	slices.SortFunc(sorted, func(a, b place) int {
		for _, p := range points {
			if c := cmp.Compare(distance(p, &a), distance(p, &b)); c != 0 {
				return c
			}
		}
		return cmp.Compare(a.id, b.id)
	})
	ids := []string{}
	for _, p := range sorted {
		if wanted(p) {
			ids = append(ids, p.id)
		}
	}
	return ids
}

// everyPage asks for all pages, and for one behind them.
func everyPage(rt *rapid.T, m *models, subject, params string, limit int, want []string) {
	got := []string{}
	for offset := 0; offset < len(want)+limit; offset += limit {
		a := m.ask(subject, projection.Request{Params: eventlog.Value(params), Offset: offset, Limit: limit})
		if a.Error != nil || a.Total == nil || *a.Total != len(want) {
			rt.Fatalf("%s %s at %d: %v, want %d in all", subject, params, offset, text(m.t, a), len(want))
		}
		var rows []struct {
			ID string `json:"node_id"`
		}
		if err := json.Unmarshal([]byte(text(m.t, a.Data)), &rows); err != nil || len(rows) > limit {
			rt.Fatalf("%s %s at %d: %d rows on a page of %d, %v", subject, params, offset, len(rows), limit, err)
		}
		for _, row := range rows {
			got = append(got, row.ID)
		}
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		rt.Fatalf("%s %s (-plain +found):\n%s", subject, params, diff)
	}
}
