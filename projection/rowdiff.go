package projection

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/thecowboyai/cim-projector/snapshotstore"
)

// RowChange is one row that two states do not share: nil on the side that does not have it.
type RowChange struct {
	Table  string
	Key    Key
	Before any
	After  any
}

// TableChanges counts the rows of one table that two states do not share.
type TableChanges struct {
	Table string
	snapshotstore.Counts
}

// Diff compares two states of a projection by their commits, table by table: the state itself, dead letters and anomalies, not what
// follows from them. What both share is not read. It calls yield for each difference, by table and rising key, from a row on,
// until it returns false.
func (s *Store) Diff(ctx context.Context, name, before, after string, fromTable string, from Key, yield func(RowChange) bool) error {
	return s.eachTable(name, before, after, func(t *bound, d *snapshotstore.Differences) (bool, error) {
		if fromTable != "" && t.name != fromTable {
			return true, nil
		}
		skip := from
		fromTable, from = "", ""
		for {
			if err := context.Cause(ctx); err != nil {
				return false, err
			}
			one, ok, err := d.Next()
			if err != nil || !ok {
				return true, err
			}
			if Key(one.Key) < skip {
				continue
			}
			c, err := changeOf(t, one)
			if err != nil || !yield(c) {
				return false, err
			}
		}
	})
}

func changeOf(t *bound, d snapshotstore.Difference) (c RowChange, err error) {
	c = RowChange{Table: t.name, Key: Key(d.Key)}
	if d.Before != nil {
		if c.Before, err = t.decode(d.Before); err != nil {
			return c, err
		}
	}
	if d.After != nil {
		c.After, err = t.decode(d.After)
	}
	return c, err
}

// CountChanges counts the differences of two states, for each table that has any.
func (s *Store) CountChanges(ctx context.Context, name, before, after string) ([]TableChanges, error) {
	var out []TableChanges
	err := s.eachTable(name, before, after, func(t *bound, d *snapshotstore.Differences) (bool, error) {
		n, err := d.Count(ctx)
		if err == nil && n != (snapshotstore.Counts{}) {
			out = append(out, TableChanges{Table: t.name, Counts: n})
		}
		return true, err
	})
	return out, err
}

// eachTable compares the tables of two commits, which are pinned meanwhile, until visit says to stop.
func (s *Store) eachTable(name, before, after string, visit func(*bound, *snapshotstore.Differences) (bool, error)) error {
	p := s.configured(name)
	if p == nil {
		return fmt.Errorf("projection: there is no projection %q here", name)
	}
	var sides [2]*treeBase
	for i, commit := range []string{before, after} {
		b, unpin, err := s.pinnedTree(p, commit)
		if err != nil {
			return err
		}
		defer unpin()
		sides[i] = b
	}
	for _, t := range s.tables[name] {
		if t.kind == derived {
			continue
		}
		more, err := visit(t, snapshotstore.Diff(sides[0].tree(t.name), sides[1].tree(t.name)))
		if err != nil {
			return fmt.Errorf("compare %s/%s: %w", name, t.name, err)
		}
		if !more {
			return nil
		}
	}
	return nil
}

// pinnedTree opens a commit of today's version, and keeps the collector from it until the returned func is called.
func (s *Store) pinnedTree(p Projection, commit string) (*treeBase, func(), error) {
	root := s.root()
	root.reach.Lock()
	defer root.reach.Unlock()
	if _, err := s.startsAt(p, commit); err != nil {
		return nil, nil, err
	}
	b, err := openTree(s.chunks, commit)
	if err != nil {
		return nil, nil, err
	}
	return b, s.pin(commit), nil
}

// LiveTrees returns the bases of what is live, which are behind it by what is not folded yet.
func (s *Store) LiveTrees() []Start {
	var out []Start
	for _, p := range s.liveNow().Projections {
		if s.configured(p.Name) != nil {
			out = append(out, Start{Projection: p.Name, Commit: p.Base})
		}
	}
	return out
}

// String writes a key for people: its texts with / between them, escaped as in a URL, its numbers as numbers.
func (k Key) String() string {
	var parts []string
	for k != "" {
		text, rest, err := k.CutText()
		if err == nil {
			parts = append(parts, url.PathEscape(text))
			k = rest
			continue
		}
		n, rest, err := k.CutUint()
		if err != nil {
			parts = append(parts, hex.EncodeToString([]byte(k)))
			break
		}
		parts = append(parts, strconv.FormatUint(n, 10))
		k = rest
	}
	return strings.Join(parts, "/")
}

// Place is rows of one table that belong to one thing: all whose keys begin with a prefix.
type Place struct {
	Projection string
	Table      string
	Prefix     Key
}

// ParsePlace reads the name of a thing: "<projection>/<table>/<text>/…", or "<projection>/<text>/<table>/<text>/…" as in
// "graph/g1/node/n7", or "<projection>/<text>/…" in the projection's first table. Texts are escaped as in a URL.
func (s *Store) ParsePlace(path string) (Place, error) {
	parts := strings.Split(path, "/")
	p := s.configured(parts[0])
	if p == nil {
		return Place{}, fmt.Errorf("projection: %q does not begin with the name of a projection", path)
	}
	texts := make([]string, 0, len(parts))
	for _, part := range parts[1:] {
		text, err := url.PathUnescape(part)
		if err != nil || text == "" {
			return Place{}, fmt.Errorf("projection: %q in %q is not a name; write / within a name as %%2F", part, path)
		}
		texts = append(texts, text)
	}
	table, texts := s.placeTable(parts[0], texts)
	if table == "" || len(texts) == 0 {
		return Place{}, fmt.Errorf("projection: %q names nothing; say which, as in %s", path, s.examplePlace(parts[0]))
	}
	return Place{Projection: parts[0], Table: table, Prefix: MakeKey(texts...)}, nil
}

// placeTable finds the table in a place, and returns the texts without it.
func (s *Store) placeTable(projection string, texts []string) (string, []string) {
	for i := range min(2, len(texts)) {
		if s.primary(projection, texts[i]) {
			return texts[i], slices.Concat(texts[:i], texts[i+1:])
		}
	}
	for _, t := range s.tables[projection] {
		if t.kind == primary && t.name[0] != '_' {
			return t.name, texts
		}
	}
	return "", nil
}

func (s *Store) primary(projection, table string) bool {
	return slices.ContainsFunc(s.tables[projection], func(t *bound) bool { return t.kind == primary && t.name == table && t.name[0] != '_' })
}

func (s *Store) examplePlace(projection string) string {
	var out []string
	for _, t := range s.tables[projection] {
		if s.primary(projection, t.name) {
			out = append(out, projection+"/"+t.name+"/…")
		}
	}
	return strings.Join(out, ", ")
}

// RotateAll freezes what every group writes. Where as many deltas are frozen as may be, what they hold is folded all the same.
func (s *Store) RotateAll() error {
	for _, g := range s.Groups() {
		if err := g.Rotate(); err != nil && !errors.Is(err, ErrFrozen) {
			return err
		}
	}
	return nil
}

// Folded tells whether nothing is left to be folded.
func (s *Store) Folded() bool {
	l := s.liveNow()
	return !slices.ContainsFunc(l.Projections, func(p liveProjection) bool { return s.tables[p.Name] != nil && len(p.Deltas) > 1 })
}
