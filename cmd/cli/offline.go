package cli

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/thecowboyai/cim-projector/projection"
)

// storeSettings are what a command needs that opens a data directory itself: where it is, and how its events were read.
func storeSettings() []setting { return join(dataSettings, mappingSettings) }

func addOffline(cmd *cobra.Command, offline *bool) {
	cmd.Flags().BoolVar(offline, "offline", false, "open the data directory itself")
}

// withStore opens the data directory that the settings name, which no worker may hold, and runs something with it. Nothing is made
// where nothing was projected.
func (a *app) withStore(s *settings, run func(*projection.Store) error) error {
	dir := s.text("data")
	if _, err := os.Stat(filepath.Join(dir, "LIVE")); errors.Is(err, fs.ErrNotExist) {
		return notFound("nothing was projected into %s; name the directory of a worker with --data", dir)
	}
	decoder, err := readSubjects(s.text("mapping"))
	if err != nil {
		return err
	}
	store, err := projection.Open(projection.Config{Dir: dir, Worker: s.text("name"), Projections: a.Projections, Decoder: decoder})
	if err != nil {
		return err
	}
	return errors.Join(run(store), store.Close())
}
