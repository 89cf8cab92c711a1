package projection

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/snapshotstore"
)

// live is the content of the file LIVE: what is live now. It is replaced whole, and only through Store.edit.
type live struct {
	Counter     uint64           `json:"counter"`   // of replacements
	Directory   string           `json:"directory"` // the data directory's identity
	NextDelta   uint64           `json:"next_delta"`
	Deltas      []liveDelta      `json:"deltas"`
	Projections []liveProjection `json:"projections"`
	Cuts        []liveCut        `json:"cuts,omitempty"`
	Undo        *liveUndo        `json:"undo,omitempty"`
}

// liveDelta is a delta file and the lowest checkpoint that it may have.
type liveDelta struct {
	ID    uint64       `json:"id"`
	Began eventlog.Seq `json:"began"` // the checkpoint that it was made with
	Floor eventlog.Seq `json:"floor"`
}

// liveProjection is a projection's layers: its deltas from the newest, which its group writes, to the oldest, and the
// root of the base below them, "" for the empty one.
type liveProjection struct {
	Name       string   `json:"name"`
	Version    int      `json:"version"`
	Decoder    string   `json:"decoder"` // the fingerprint of the eventlog.Decoder that made its events
	Generation uint64   `json:"generation"`
	Deltas     []uint64 `json:"deltas"`
	Base       string   `json:"base"`
}

// liveCut is a snapshot that is being made: of each projection the newest delta that belongs to it, and the base that it
// became once it was folded.
type liveCut struct {
	Draft snapshotstore.Manifest `json:"draft"`
	Parts []livePart             `json:"parts"`
}

type livePart struct {
	Projection string `json:"projection"`
	Delta      uint64 `json:"delta"`
	Commit     string `json:"commit"`
}

// liveUndo is what was live before the last switch. Nobody writes its deltas: when all are folded, bases are left.
type liveUndo struct {
	Since       time.Time        `json:"since"`
	Before      string           `json:"before"` // what the switch was for
	Projections []liveProjection `json:"projections"`
}

const (
	liveFile  = "LIVE"
	livePrev  = "LIVE.prev"
	liveMagic = "cim-projector LIVE 1 "
)

// encode returns the file: a line with the magic and SHA-256 of what follows, then JSON.
func (l *live) encode() ([]byte, error) {
	body, err := json.MarshalIndent(l, "", "  ")
	if err != nil {
		return nil, err
	}
	body = append(body, '\n')
	sum := sha256.Sum256(body)
	return append([]byte(liveMagic+hex.EncodeToString(sum[:])+"\n"), body...), nil
}

func decodeLive(raw []byte) (*live, error) {
	rest, ok := bytes.CutPrefix(raw, []byte(liveMagic))
	if !ok {
		return nil, errors.New("it does not begin like one")
	}
	text, body, ok := bytes.Cut(rest, []byte("\n"))
	if !ok {
		return nil, errors.New("it is cut short")
	}
	sum := sha256.Sum256(body)
	if string(text) != hex.EncodeToString(sum[:]) {
		return nil, errors.New("its checksum does not match")
	}
	var l live
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&l); err != nil {
		return nil, fmt.Errorf("its content is not readable: %w", err)
	}
	return &l, l.validate()
}

// validate checks that every delta that a projection names is listed, and that ids were handed out.
func (l *live) validate() error {
	known := map[uint64]bool{}
	for _, d := range l.Deltas {
		if d.ID == 0 || d.ID >= l.NextDelta || known[d.ID] {
			return fmt.Errorf("delta %d is listed twice or was never handed out", d.ID)
		}
		known[d.ID] = true
	}
	for _, p := range l.Projections {
		if len(p.Deltas) == 0 {
			return fmt.Errorf("projection %s has no delta", p.Name)
		}
	}
	for _, p := range l.layers() {
		for _, id := range p.Deltas {
			if !known[id] {
				return fmt.Errorf("projection %s names delta %d, which is not listed", p.Name, id)
			}
		}
	}
	if l.Undo != nil && len(l.Undo.Projections) == 0 {
		return errors.New("what can be undone names no projection")
	}
	if name := l.lostCut(); name != "" {
		return fmt.Errorf("snapshot %s waits for a delta that is not there", name)
	}
	return nil
}

// lostCut returns the name of a cut that waits for what is not there to be folded, or "".
func (l *live) lostCut() string {
	for _, c := range l.Cuts {
		for _, part := range c.Parts {
			if part.Commit == "" && !slices.ContainsFunc(l.layers(), func(p *liveProjection) bool {
				return p.Name == part.Projection && slices.Contains(p.Deltas, part.Delta)
			}) {
				return c.Draft.Name
			}
		}
	}
	return ""
}

// layers returns every projection's layers: of what is live, and of what was before the last switch.
func (l *live) layers() []*liveProjection {
	var out []*liveProjection
	for i := range l.Projections {
		out = append(out, &l.Projections[i])
	}
	if l.Undo != nil {
		for i := range l.Undo.Projections {
			out = append(out, &l.Undo.Projections[i])
		}
	}
	return out
}

func (l *live) clone() *live {
	out := *l
	out.Deltas = slices.Clone(l.Deltas)
	out.Projections = slices.Clone(l.Projections)
	out.Cuts = slices.Clone(l.Cuts)
	for i := range out.Cuts {
		out.Cuts[i].Parts = slices.Clone(out.Cuts[i].Parts)
	}
	if l.Undo != nil {
		undo := *l.Undo
		undo.Projections = slices.Clone(undo.Projections)
		out.Undo = &undo
	}
	for _, p := range out.layers() {
		p.Deltas = slices.Clone(p.Deltas)
	}
	return &out
}

// roots returns the commits that LIVE names.
func (l *live) roots() []string {
	var out []string
	for _, p := range l.layers() {
		out = append(out, p.Base)
	}
	for _, c := range l.Cuts {
		for _, part := range c.Parts {
			out = append(out, part.Commit)
		}
	}
	return out
}

func (l *live) projection(name string) *liveProjection {
	for i := range l.Projections {
		if l.Projections[i].Name == name {
			return &l.Projections[i]
		}
	}
	return nil
}

// dropUnused takes deltas off the list that no projection names.
func (l *live) dropUnused() {
	l.Deltas = slices.DeleteFunc(l.Deltas, func(d liveDelta) bool {
		return !slices.ContainsFunc(l.layers(), func(p *liveProjection) bool { return slices.Contains(p.Deltas, d.ID) })
	})
}

// readLive reads LIVE, or returns nil where there is none.
func readLive(dir string) (*live, error) {
	path := filepath.Join(dir, liveFile)
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	l, err := decodeLive(raw)
	if err != nil {
		return nil, &DamageError{File: path, Detail: fmt.Sprintf("%s (its predecessor is %s, which is never used by itself)", err, livePrev)}
	}
	return l, nil
}

// readPrevious reads LIVE.prev for what it names, so that a person who has to go back to it finds that; nil where it cannot be read
// or names what is not there any more.
func (s *Store) readPrevious() *live {
	raw, err := os.ReadFile(filepath.Join(s.config.Dir, livePrev))
	if err != nil {
		return nil
	}
	l, err := decodeLive(raw)
	if err != nil {
		return nil
	}
	for _, root := range l.roots() {
		if hash, err := snapshotstore.ParseHash(root); root != "" && (err != nil || !s.chunks.Has(hash)) {
			return nil
		}
	}
	return l
}

// errUnsure says that the new LIVE may be on the disk or not.
var errUnsure = errors.New("whether LIVE was replaced is not known")

// writeLive replaces LIVE and keeps its predecessor. Unless the error is errUnsure, an error means that LIVE is as it
// was.
func writeLive(dir string, l *live) error {
	raw, err := l.encode()
	if err != nil {
		return fmt.Errorf("encode LIVE: %w", err)
	}
	if err := keepPrevious(dir); err != nil {
		return err
	}
	if err := placeFile(dir, liveFile, raw); err != nil {
		return err
	}
	if err := syncDir(dir); err != nil {
		return fmt.Errorf("%w: %w", errUnsure, err)
	}
	return nil
}

// keepPrevious gives LIVE its second name, LIVE.prev, so that it stays when it is replaced: without copying it, where the file system
// can.
func keepPrevious(dir string) error {
	path, prev := filepath.Join(dir, liveFile), filepath.Join(dir, livePrev)
	temp := prev + ".tmp"
	if err := os.Remove(temp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove %s: %w", temp, err)
	}
	if err := os.Link(path, temp); err == nil {
		crashPoint(livePrev + " written")
		if err := os.Rename(temp, prev); err != nil {
			return fmt.Errorf("name %s: %w", prev, err)
		}
		crashPoint(livePrev + " named")
		return nil
	}
	before, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	return placeFile(dir, livePrev, before)
}

// placeFile makes a file appear whole or not at all: temporary file, sync, rename. The directory is to be synced
// afterwards.
func placeFile(dir, name string, content []byte) error {
	path := filepath.Join(dir, name)
	temp := path + ".tmp"
	if err := writeSynced(temp, content); err != nil {
		return fmt.Errorf("write %s: %w", temp, err)
	}
	crashPoint(name + " written")
	if err := os.Rename(temp, path); err != nil {
		return fmt.Errorf("name %s: %w", path, err)
	}
	crashPoint(name + " named")
	return nil
}

func writeSynced(path string, content []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}
