package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/snapshotstore"
)

func (a *app) snapshotListCommand() *cobra.Command {
	var offline bool
	var shelf string
	cmd := &cobra.Command{
		Use:     "ls",
		Aliases: []string{"list"},
		Short:   "List the snapshots",
		Long: `Ls lists the snapshots by their events, those last that are still being written. With --offline it
opens the data directory itself, and refuses where a worker holds it. With --shelf it lists what is
on a worker's shelf instead, as run --shelf names it; no worker has to run.`,
		Example: `  projector snapshot ls
  projector snapshot ls --shelf /mnt/backup/projector
  projector snapshot ls --json | jq -r '.snapshots[] | select(.hold) | .name'`,
		Args: count(0, 0, ""),
	}
	addOffline(cmd, &offline)
	cmd.Flags().StringVar(&shelf, "shelf", "", "list what is on the shelf in this `PLACE`: a directory, or nats")
	return a.asking(cmd, 30*time.Second, storeSettings(), func(ctx context.Context, s *settings, timeout time.Duration, _ []string) error {
		look := s.snapshots
		switch shelved := cmd.Flags().Changed("shelf"); {
		case shelved && offline:
			return wrongUsage("--shelf and --offline exclude each other: give one of them")
		case shelved:
			look = func(ctx context.Context, timeout time.Duration) ([]shownSnapshot, error) {
				return s.shelvedSnapshots(ctx, timeout, shelf)
			}
		case offline:
			look = func(context.Context, time.Duration) ([]shownSnapshot, error) { return a.storedSnapshots(s) }
		}
		all, err := look(ctx, timeout)
		if err != nil && len(all) == 0 {
			return err
		}
		return errors.Join(a.listSnapshots(all), err)
	})
}

// snapshotPage is how many snapshots are asked for at once.
const snapshotPage = 200

// snapshots asks for all snapshots.
func (s *settings) snapshots(ctx context.Context, timeout time.Duration) ([]shownSnapshot, error) {
	k, err := s.asker(timeout)
	if err != nil {
		return nil, err
	}
	defer k.close()
	var out []shownSnapshot
	for {
		page := map[string]any{"pagination": map[string]int{"offset": len(out), "limit": snapshotPage}}
		raws, err := request[[]json.RawMessage](ctx, k, "query.snapshot.list", page)
		if err != nil {
			return nil, err
		}
		for _, raw := range raws {
			one, err := onWire(raw)
			if err != nil {
				return nil, err
			}
			out = append(out, one)
		}
		if len(raws) < snapshotPage {
			return out, nil
		}
	}
}

func (a *app) storedSnapshots(s *settings) (out []shownSnapshot, err error) {
	err = a.withStore(s, func(store *projection.Store) error {
		all, err := store.Snapshots()
		for _, m := range all {
			out = append(out, shownOf(m))
		}
		for _, m := range store.Cuts() {
			out = append(out, shownOf(&m))
		}
		return err
	})
	return out, err
}

func (a *app) listSnapshots(all []shownSnapshot) error {
	if a.json {
		if all == nil {
			all = []shownSnapshot{}
		}
		return printJSON(a.Stdout, map[string]any{"snapshots": all})
	}
	if len(all) == 0 {
		_, err := fmt.Fprintln(a.Stdout, "There is no snapshot. Name the present with: projector snapshot create NAME")
		return err
	}
	t := newTable(a.Stdout, "NAME", "EVENT", "TIME", "EVENTS", "ROWS", "BYTES", "STORED", "KEEP", "STATE")
	for _, s := range all {
		t.row(s.Name, grouped(s.StreamSequence), s.moment(), grouped(s.EventCount), grouped(s.rows()), bytesText(s.Bytes),
			bytesText(s.StoredBytes), s.kept(), s.State)
	}
	return t.flush()
}

func (a *app) snapshotShowCommand() *cobra.Command {
	var offline bool
	cmd := &cobra.Command{
		Use:     "show NAME",
		Aliases: []string{"info"},
		Short:   "Show one snapshot",
		Long: `Show prints the manifest of a snapshot: at which event it is, what it holds and takes, how long it
is kept, and its digests.`,
		Example: `  projector snapshot show before-import
  projector snapshot show before-import --json | jq .digest`,
		Args: namedArgs(count(1, 1, "the name of the snapshot")),
	}
	addOffline(cmd, &offline)
	return a.asking(cmd, 5*time.Second, storeSettings(), func(ctx context.Context, s *settings, timeout time.Duration, args []string) error {
		var one shownSnapshot
		var err error
		if offline {
			one, err = a.storedSnapshot(s, args[0])
		} else {
			one, err = s.snapshot(ctx, timeout, args[0])
		}
		if err != nil {
			return err
		}
		return a.showSnapshot(one)
	})
}

func (s *settings) snapshot(ctx context.Context, timeout time.Duration, name string) (shownSnapshot, error) {
	answer, err := s.askOnce(ctx, timeout, "query.snapshot.get."+name, nil)
	if err != nil {
		return shownSnapshot{}, err
	}
	return onWire(answer.Data)
}

func (a *app) storedSnapshot(s *settings, name string) (shownSnapshot, error) {
	all, err := a.storedSnapshots(s)
	for _, one := range all {
		if one.Name == name {
			return one, nil
		}
	}
	if err == nil {
		err = fmt.Errorf("%w: %s", snapshotstore.ErrNoName, name)
	}
	return shownSnapshot{}, err
}
