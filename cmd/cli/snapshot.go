package cli

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/thecowboyai/cim-projector/engine"
	"github.com/thecowboyai/cim-projector/snapshotstore"
)

func (a *app) snapshotCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "snapshot",
		Short: "Name the present, and look at what was named",
		Long: `A snapshot is a name for everything that the models hold at one event. It shares with the live
models what has not changed since, and stays as it is when they go on, are rebuilt, or are put
back to it by restore.`,
		Example: `  projector snapshot create before-import
  projector snapshot ls
  projector snapshot diff before-import`,
		SuggestionsMinimumDistance: 2,

		Args: noCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.snapshotCreateCommand(), a.snapshotListCommand(), a.snapshotShowCommand(), a.snapshotVerifyCommand(),
		a.snapshotDiffCommand(), a.snapshotRetainCommand(), a.snapshotRemoveCommand(), a.snapshotPruneCommand(), a.snapshotExportCommand(), a.snapshotImportCommand())
	return cmd
}

// namedArgs takes names of snapshots, after the number of arguments was checked.
func namedArgs(counted cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := counted(cmd, args); err != nil {
			return err
		}
		for _, name := range args {
			if err := checkSnapshotName(name); err != nil {
				return err
			}
		}
		return nil
	}
}

func checkSnapshotName(name string) error {
	if snapshotstore.NamePattern.MatchString(name) {
		return nil
	}
	return wrongUsage("%q is not a name of a snapshot; use up to 128 letters, digits, - and _, the first a letter or digit", name)
}

// shownSnapshot is a snapshot as --json prints it: its manifest, and whether that is complete.
type shownSnapshot struct {
	*snapshotstore.Manifest

	State string `json:"state"`
}

// The states of a snapshot.
const (
	stateComplete = "complete"
	stateMaking   = "making" // its position is fixed, and what it holds is still being written
)

func shownOf(m *snapshotstore.Manifest) shownSnapshot {
	if len(m.Projections) == 0 {
		out := *m
		out.Projections = []snapshotstore.ManifestProjection{}
		return shownSnapshot{&out, stateMaking}
	}
	return shownSnapshot{m, stateComplete}
}

// onWire is a snapshot as a worker sends it.
func onWire(raw json.RawMessage) (shownSnapshot, error) {
	var m engine.SnapshotMetadata
	if err := json.Unmarshal(raw, &m); err != nil {
		return shownSnapshot{}, fmt.Errorf("read the snapshot: %w", err)
	}
	return shownOf(m.Manifest()), nil
}

func (s *shownSnapshot) rows() (n uint64) {
	for _, p := range s.Projections {
		n += p.Rows
	}
	return n
}

// moment is the time of the last event in it.
func (s *shownSnapshot) moment() string {
	if s.StreamTime == nil {
		return "-"
	}
	return clock(*s.StreamTime)
}

// kept says how long it stays.
func (s *shownSnapshot) kept() string {
	switch {
	case s.Hold:
		return "held"
	case s.Keep != "":
		return s.Keep
	case s.Generated:
		return "scheduled"
	}
	return "-"
}

func (a *app) showSnapshot(s shownSnapshot) error {
	if a.json {
		return printJSON(a.Stdout, s)
	}
	return printSnapshot(a.Stdout, &s)
}

func printSnapshot(w io.Writer, s *shownSnapshot) error {
	t := newTable(w)
	t.row("Snapshot", s.Name)
	if s.Description != "" {
		t.row("Description", oneRow(s.Description))
	}
	t.row("As of", fmt.Sprintf("event %s of %s, %s", grouped(s.StreamSequence), s.StreamName, s.moment()))
	t.row("Created", clock(s.CreatedAt))
	t.row("Events", grouped(s.EventCount))
	t.row("Kept", keptText(s))
	if s.State == stateMaking {
		t.row("State", "is still being written")
		return t.flush()
	}
	t.row("Holds", fmt.Sprintf("%s in %s; %s were written for it", plural(s.rows(), "row"), bytesText(s.Bytes), bytesText(s.StoredBytes)))
	t.row("Digest", s.Digest)
	if err := t.flush(); err != nil {
		return err
	}
	fmt.Fprintln(w)
	t = newTable(w, "PROJECTION", "VERSION", "ROWS", "BYTES", "DIGEST")
	for _, p := range s.Projections {
		t.row(p.Name, p.Version, grouped(p.Rows), bytesText(p.Bytes), short(p.Digest))
	}
	return t.flush()
}

// keptText says in a sentence how long a snapshot stays.
func keptText(s *shownSnapshot) string {
	switch term, err := engine.Term(s.Keep).Duration(); {
	case s.Hold:
		return "on hold: it cannot be removed"
	case err == nil && term > 0:
		return fmt.Sprintf("for %s, until %s", s.Keep, clock(s.CreatedAt.Add(term)))
	case s.Generated:
		return "as the retention of the schedule says"
	}
	return "until it is removed"
}
