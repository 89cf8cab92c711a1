package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/thecowboyai/cim-projector/engine"
	"github.com/thecowboyai/cim-projector/projection"
)

func (a *app) snapshotVerifyCommand() *cobra.Command {
	var offline, all bool
	cmd := &cobra.Command{
		Use:   "verify NAME...",
		Short: "Prove what snapshots hold",
		Long: `Verify reads every row of snapshots, checks what can be checked of it, and compares its digests
with the manifest. Nothing that is live is touched. With --json it prints a line for each.`,
		Example: `  projector snapshot verify before-import
  projector snapshot verify --all
  projector snapshot verify --all --offline --data ./projector-data`,
	}
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if all && len(args) > 0 {
			return wrongUsage("--all and the name %s exclude each other: give one of them", args[0])
		}
		if all {
			return nil
		}
		return namedArgs(count(1, -1, "the name of a snapshot, or --all,"))(cmd, args)
	}
	cmd.Flags().BoolVar(&all, "all", false, "all of them")
	addOffline(cmd, &offline)
	return a.asking(cmd, 4*time.Minute, storeSettings(), func(ctx context.Context, s *settings, timeout time.Duration, args []string) error {
		v := &verifier{app: a}
		var err error
		if offline {
			err = a.withStore(s, func(store *projection.Store) error { return v.offline(ctx, store, args) })
		} else {
			err = v.online(ctx, s, timeout, args)
		}
		return v.finish(err)
	})
}

// verifier collects what is found of snapshots.
type verifier struct {
	app   *app
	found []engine.SnapshotVerification
}

// online asks a worker. No name is all.
func (v *verifier) online(ctx context.Context, s *settings, timeout time.Duration, names []string) error {
	if len(names) == 0 {
		all, err := s.snapshots(ctx, timeout)
		if err != nil {
			return err
		}
		for _, one := range all {
			if one.State == stateComplete {
				names = append(names, one.Name)
			}
		}
	}
	k, err := s.asker(timeout)
	if err != nil {
		return err
	}
	defer k.close()
	for _, name := range names {
		one, err := request[engine.SnapshotVerification](ctx, k, "query.snapshot.verify", map[string]string{"name": name})
		if err != nil {
			return err
		}
		if err := v.add(one); err != nil {
			return err
		}
	}
	return nil
}

func (v *verifier) offline(ctx context.Context, store *projection.Store, names []string) error {
	if len(names) == 0 {
		all, err := store.Snapshots()
		if err != nil {
			return err
		}
		for _, m := range all {
			names = append(names, m.Name)
		}
	}
	for _, name := range names {
		m, err := store.Snapshot(name)
		if err != nil {
			return err
		}
		one := engine.SnapshotVerification{Name: name, Sequence: m.StreamSequence, Digest: m.Digest}
		one.Problems = orEmpty(engine.VerifySnapshot(ctx, store, v.app.Projections, m))
		one.OK = len(one.Problems) == 0
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err := v.add(one); err != nil {
			return err
		}
	}
	return nil
}

// add takes in what was found of one. With --json it is printed at once.
func (v *verifier) add(one engine.SnapshotVerification) error {
	v.found = append(v.found, one)
	if v.app.json {
		return printJSON(v.app.Stdout, one)
	}
	return nil
}

// finish prints what was found, also where not everything could be looked at, and fails where there is a problem.
func (v *verifier) finish(err error) error {
	if !v.app.json {
		if printErr := v.print(err); printErr != nil {
			return printErr
		}
	}
	bad := 0
	for _, one := range v.found {
		if !one.OK {
			bad++
		}
	}
	if err == nil && bad > 0 {
		err = failed("%s of %s cannot be restored as it is; remove it, and make another", grouped(bad), plural(len(v.found), "snapshot"))
	}
	return err
}

func (v *verifier) print(err error) error {
	w := v.app.Stdout
	if len(v.found) == 0 {
		if err == nil {
			_, err = fmt.Fprintln(w, "There is no snapshot that is complete.")
			return err
		}
		return nil
	}
	t := newTable(w, "SNAPSHOT", "EVENT", "DIGEST", "FOUND")
	for _, one := range v.found {
		found := "ok"
		if !one.OK {
			found = plural(len(one.Problems), "problem")
		}
		t.row(one.Name, grouped(one.Sequence), short(one.Digest), found)
	}
	if err := t.flush(); err != nil {
		return err
	}
	for _, one := range v.found {
		for _, p := range one.Problems {
			fmt.Fprintf(w, "\n%s: %s\n", one.Name, cleaned(p))
		}
	}
	return nil
}
