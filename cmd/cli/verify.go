package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/thecowboyai/cim-projector/engine"
	"github.com/thecowboyai/cim-projector/projection"
)

func (a *app) verifyCommand() *cobra.Command {
	var offline bool
	var timeout time.Duration
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Prove what is stored, and print its digests",
		Long: `Verify reads every row of every projection, checks what can be checked of it, and prints the
digest of each state. The same events give the same digest, whatever path led there.

It asks the running worker. With --offline it opens the data directory itself, and refuses
where a worker holds it.`,
		Example: `  projector verify
  projector verify --offline --data ./projector-data`,
		Args: count(0, 0, ""),
	}
	wanted := join(clientSettings(), storeSettings())
	addSettings(cmd.Flags(), wanted)
	cmd.Flags().BoolVar(&offline, "offline", false, "open the data directory itself")
	cmd.Flags().DurationVar(&timeout, "timeout", 4*time.Minute, "the `TIME` that the worker has to answer")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		s, err := a.resolve(cmd.Flags(), join(wanted, listenSettings))
		if err != nil {
			return err
		}
		if timeout <= 0 {
			return wrongUsage("--timeout must be above zero")
		}
		verify := func() (engine.Verification, error) { return s.verifyOnline(cmd.Context(), timeout) }
		if offline {
			verify = func() (engine.Verification, error) { return a.verifyOffline(cmd.Context(), s) }
		}
		return a.showVerification(verify())
	}
	return cmd
}

func (s *settings) verifyOnline(ctx context.Context, timeout time.Duration) (out engine.Verification, err error) {
	answer, err := s.askOnce(ctx, timeout, "query.projection.verify", nil)
	if err != nil {
		return out, err
	}
	if err := json.Unmarshal(answer.Data, &out); err != nil {
		return out, fmt.Errorf("read the verification: %w", err)
	}
	return out, nil
}

func (a *app) verifyOffline(ctx context.Context, s *settings) (out engine.Verification, err error) {
	err = a.withStore(s, func(store *projection.Store) error {
		out, err = engine.VerifyStore(ctx, store, a.Projections)
		return err
	})
	return out, err
}

// showVerification prints what was found, and fails where that is a problem.
func (a *app) showVerification(v engine.Verification, err error) error {
	if err != nil {
		return err
	}
	if a.json {
		err = printJSON(a.Stdout, v)
	} else {
		err = a.printVerification(v)
	}
	if err == nil && !v.OK() {
		err = failed("what is stored does not agree with itself; move the data directory away and project again from the first event")
	}
	return err
}

func (a *app) printVerification(v engine.Verification) error {
	t := newTable(a.Stdout, "PROJECTION", "VERSION", "EVENT", "ROWS", "DIGEST", "RECORDS", "FOUND")
	for _, d := range v.Projections {
		found := "ok"
		if !d.OK {
			found = plural(len(d.Problems), "problem")
		}
		t.row(d.Name, d.Version, grouped(d.Sequence), grouped(d.Rows), short(d.Digest), short(d.RecordsDigest), found)
	}
	if err := t.flush(); err != nil {
		return err
	}
	for _, d := range v.Projections {
		for _, p := range d.Problems {
			fmt.Fprintf(a.Stdout, "\n%s: %s\n", d.Name, cleaned(p))
		}
	}
	return nil
}
