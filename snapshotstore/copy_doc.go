package snapshotstore

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// Limits of what is taken from a shelf or an exported file. They are far above what Push and Export write.
const (
	packLimit   = 256 << 20 // stored bytes after which Push and Export begin another pack
	maxPack     = 1 << 30
	maxObject   = 256 << 20
	maxPacks    = 1 << 12
	maxDocument = 16 << 20
)

// document is a snapshot as it stands on a shelf or in an exported file: its manifest, and the packs that hold what its
// commits reach.
type document struct {
	Manifest *Manifest      `json:"manifest"`
	Packs    []documentPack `json:"packs"` // by rising name
}

type documentPack struct {
	Name  string `json:"name"`
	Bytes int64  `json:"bytes"`
}

const (
	packFolder     = "packs/"
	snapshotFolder = "snapshots/"
	indexSuffix    = ".index"
	documentEntry  = "snapshot.json" // in an exported file
)

var packNames = regexp.MustCompile(`^[0-9a-f]{32}\.pack$`)

func packFile(pack string) string { return packFolder + pack }

func indexFile(pack string) string {
	return packFolder + strings.TrimSuffix(pack, packSuffix) + indexSuffix
}

func documentFile(snapshot string) string { return snapshotFolder + snapshot + manifestSuffix }

func (d *document) encode() ([]byte, error) { return seal("snapshot", d) }

// decodeDocument reads a document and refuses any that is not, to the byte, what encode writes.
func decodeDocument(raw []byte) (*document, error) {
	var sealed struct {
		Snapshot *document `json:"snapshot"`
		SHA256   string    `json:"sha256"`
	}
	if err := json.Unmarshal(raw, &sealed); err != nil || sealed.Snapshot == nil || sealed.Snapshot.Manifest == nil {
		return nil, errors.New("it does not describe a snapshot")
	}
	again, err := sealed.Snapshot.encode()
	if err != nil || !bytes.Equal(raw, again) {
		return nil, errors.New("it does not match its checksum")
	}
	return sealed.Snapshot, sealed.Snapshot.check()
}

// check returns what is wrong with a document whose checksum is right.
func (d *document) check() error {
	if err := checkManifest(d.Manifest); err != nil {
		return err
	}
	if len(d.Packs) > maxPacks {
		return fmt.Errorf("it names %d packs, the most is %d", len(d.Packs), maxPacks)
	}
	for i, p := range d.Packs {
		switch {
		case !packNames.MatchString(p.Name):
			return fmt.Errorf("it names %.50q as a pack", p.Name)
		case i > 0 && p.Name <= d.Packs[i-1].Name:
			return fmt.Errorf("it names pack %s behind %s", p.Name, d.Packs[i-1].Name)
		case p.Bytes < packLeast || p.Bytes > maxPack:
			return fmt.Errorf("it states %d bytes for pack %s", p.Bytes, p.Name)
		}
	}
	return nil
}

// packLeast is the length of a pack with nothing in it.
const packLeast = int64(len(packMagic)) + packTrailer64

// checkManifest returns what keeps a manifest from being copied.
func checkManifest(m *Manifest) error {
	if !NamePattern.MatchString(m.Name) {
		return fmt.Errorf("%w: not %.200q", ErrBadName, m.Name)
	}
	if _, err := m.Roots(); err != nil {
		return err
	}
	if want := DigestOf(m.Projections); m.Digest != want {
		return fmt.Errorf("snapshot %s states the digest %.80q, its projections have %s", m.Name, m.Digest, want)
	}
	return nil
}

// readDocument reads a document of at most maxDocument bytes.
func readDocument(r io.Reader) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(r, maxDocument+1))
	if err == nil && len(raw) > maxDocument {
		err = fmt.Errorf("it has more than %d bytes", maxDocument)
	}
	return raw, err
}
