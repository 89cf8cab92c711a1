package projection

import (
	"errors"
	"fmt"

	"github.com/thecowboyai/cim-projector/snapshotstore"
)

// commitState is what the commit of a base says beside its roots.
type commitState struct {
	Format     int
	Projection string
	Version    int
	Decoder    string
	Checkpoint []byte // as a delta stores it; empty where the base is part of a state only
}

const commitFormat = 1

// Tree is one projection's whole state at one position, as a commit names it: a place to begin from.
type Tree struct {
	Commit     string
	Projection string
	Version    int
	Decoder    string
	At         Checkpoint
}

// errPart says that a commit is no place to begin from.
var errPart = errors.New("projection: the commit holds a part of a state only")

// Tree reads what a commit says. It fails where the commit is not there, or holds a part of a state only.
func (s *Store) Tree(commit string) (Tree, error) {
	b, err := openTree(s.chunks, commit)
	if err != nil {
		return Tree{}, err
	}
	return b.describe(commit)
}

func (b *treeBase) describe(commit string) (Tree, error) {
	var row commitState
	if err := decodeRow(b.commit.State, &row); err != nil {
		return Tree{}, fmt.Errorf("projection: the state in commit %s is not readable: %w", commit, err)
	}
	if row.Format != commitFormat {
		return Tree{}, fmt.Errorf("projection: commit %s has format %d, this build reads %d", commit, row.Format, commitFormat)
	}
	if len(row.Checkpoint) == 0 {
		return Tree{}, fmt.Errorf("%w: %s, of %s", errPart, commit, row.Projection)
	}
	at, err := decodeCheckpoint(row.Checkpoint)
	if err != nil {
		return Tree{}, fmt.Errorf("projection: commit %s: %w", commit, err)
	}
	return Tree{Commit: commit, Projection: row.Projection, Version: row.Version, Decoder: row.Decoder, At: at}, nil
}

// digestsOf makes a projection's digests of the roots of its tables.
func digestsOf(tables []*bound, root func(*bound) (snapshotstore.Root, error)) (Digests, error) {
	var state, records []snapshotstore.Named
	for _, t := range tables {
		if t.kind == derived {
			continue
		}
		r, err := root(t)
		if err != nil {
			return Digests{}, err
		}
		named := snapshotstore.Named{Table: t.name, Root: r}
		if t.kind == record {
			records = append(records, named)
		} else {
			state = append(state, named)
		}
	}
	d := Digests{State: snapshotstore.Digest(state), Records: snapshotstore.Digest(records)}
	for _, n := range state {
		d.Rows += n.Root.Rows
		d.Bytes += n.Root.Bytes
	}
	return d, nil
}

// digests reads the digests off the roots that the commit states: no row is read.
func (b *treeBase) digests(tables []*bound) Digests {
	d, _ := digestsOf(tables, func(t *bound) (snapshotstore.Root, error) { return b.commit.Root(t.name), nil })
	return d
}
