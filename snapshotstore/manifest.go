package snapshotstore

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Manifest is a snapshot: a name for a position in a history, and the commits by which the state there is found.
type Manifest struct {
	Name           string               `json:"name"`
	Description    string               `json:"description"`
	CreatedAt      time.Time            `json:"created_at"`
	StreamName     string               `json:"stream_name"`
	StreamCreated  time.Time            `json:"stream_created"`
	StreamSequence uint64               `json:"stream_sequence"`
	StreamTime     *time.Time           `json:"stream_time"`  // the broker's, of the last event in it; null where there is none
	EventCount     uint64               `json:"event_count"`  // events up to the position
	Digest         string               `json:"digest"`       // over the projections' digests: DigestOf
	Bytes          uint64               `json:"bytes"`        // of rows, uncompressed
	StoredBytes    uint64               `json:"stored_bytes"` // written for it; what it shares with others is not counted
	Keep           string               `json:"keep"`         // a term after which it may go, such as "180d"; "" = until it is removed
	Hold           bool                 `json:"hold"`         // not to be removed, whatever its term
	Generated      bool                 `json:"generated"`    // made by a schedule: the schedule's policy may remove it
	Projections    []ManifestProjection `json:"projections"`
}

// ManifestProjection is one projection's part of a snapshot.
type ManifestProjection struct {
	Name    string `json:"name"`
	Version int    `json:"version"`
	Decoder string `json:"decoder"` // the fingerprint of what made the events
	Digest  string `json:"digest"`
	Rows    uint64 `json:"rows"`  // of primary tables, as Bytes
	Bytes   uint64 `json:"bytes"` // uncompressed
	Commit  string `json:"commit"`
}

// Roots returns the commits of all projections.
func (m *Manifest) Roots() ([]Hash, error) {
	var out []Hash
	for _, p := range m.Projections {
		hash, err := ParseHash(p.Commit)
		if err != nil {
			return nil, fmt.Errorf("snapshot %s, projection %s: %w", m.Name, p.Name, err)
		}
		out = append(out, hash)
	}
	return out, nil
}

// NamePattern is what names of snapshots look like: they become file names and subject tokens.
var NamePattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$`)

// Conditions of names.
var (
	ErrBadName  = errors.New("snapshotstore: a snapshot's name has letters, digits, - and _, up to 128 of them, and begins with a letter or digit")
	ErrNoName   = errors.New("snapshotstore: no such snapshot")
	ErrNameUsed = errors.New("snapshotstore: a snapshot of this name exists")
)

// DigestOf is the digest of a snapshot: over name and digest of each projection, by rising name.
func DigestOf(projections []ManifestProjection) string {
	sorted := slices.SortedFunc(slices.Values(projections), func(a, b ManifestProjection) int {
		return strings.Compare(a.Name, b.Name)
	})
	b := []byte("cim-snapshot-1")
	for _, p := range sorted {
		b = appendBytes(b, []byte(p.Name))
		b = appendBytes(b, []byte(p.Digest))
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// Encode returns the file: the manifest and its checksum, in one spelling alone.
func (m *Manifest) Encode() ([]byte, error) { return seal("manifest", m) }

// seal returns a document of two members: the content, and the SHA-256 of the bytes by which it stands there.
func seal(name string, content any) ([]byte, error) {
	body, err := json.MarshalIndent(content, "  ", "  ")
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(body)
	return fmt.Appendf(nil, "{\n  %q: %s,\n  \"sha256\": %q\n}\n", name, body, hex.EncodeToString(sum[:])), nil
}

// DecodeManifest reads a file and refuses any that is not, to the byte, what Encode writes.
func DecodeManifest(raw []byte) (*Manifest, error) {
	var doc struct {
		Manifest *Manifest `json:"manifest"`
		SHA256   string    `json:"sha256"`
	}
	if err := json.Unmarshal(raw, &doc); err != nil || doc.Manifest == nil {
		return nil, errors.New("it is not a manifest")
	}
	again, err := doc.Manifest.Encode()
	if err != nil || !bytes.Equal(raw, again) {
		return nil, errors.New("it does not match its checksum")
	}
	return doc.Manifest, nil
}
