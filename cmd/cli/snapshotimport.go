package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/thecowboyai/cim-projector/engine"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/snapshotstore"
)

func (a *app) snapshotImportCommand() *cobra.Command {
	var offline bool
	var as string
	cmd := &cobra.Command{
		Use:   "import FILE|-",
		Short: "Take in a snapshot that was exported",
		Long: `Import makes the snapshot of an exported file one of the worker's own, under its name or another.
Live models do not change: restore puts them there. The file is sent to the worker over NATS; every
part of it is verified by its hash before the snapshot appears, whole or not at all. A snapshot that is
the same and there already is left as it is. The term (create --keep) and the schedule that it had
where it comes from do not count here: it is kept until it is removed. - is standard input.

With --offline it opens the data directory itself, and refuses where a worker holds it.`,
		Example: `  projector snapshot import before-import.snapshot
  ssh backup 'cat q4.snapshot' | projector snapshot import - --as q4-again`,
		Args: count(1, 1, "the file"),
	}
	cmd.Flags().StringVar(&as, "as", "", "the `NAME` that it gets; its own without")
	addOffline(cmd, &offline)
	return a.asking(cmd, time.Minute, storeSettings(), func(ctx context.Context, s *settings, timeout time.Duration, args []string) error {
		if cmd.Flags().Changed("as") {
			if err := checkSnapshotName(as); err != nil {
				return err
			}
		}
		f, size, err := a.openExported(ctx, args[0])
		if err != nil {
			return err
		}
		take := func() (shownSnapshot, error) { return a.sendImport(ctx, s, timeout, f, size, as) }
		if offline {
			take = func() (shownSnapshot, error) { return a.readImport(ctx, s, f, size, as) }
		}
		one, err := take()
		if err = errors.Join(err, f.Close()); err != nil {
			return err
		}
		return a.sayImported(one)
	})
}

// openExported opens a file, or standard input for -. The size is 0 where it is not known.
func (a *app) openExported(ctx context.Context, path string) (io.ReadCloser, int64, error) {
	if path == "-" {
		if isTerminal(a.Stdin) {
			return nil, 0, wrongUsage("an exported snapshot does not come from a terminal; name a file, or lead standard input to it")
		}
		return a.standardInput(ctx), 0, nil
	}
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, 0, notFound("there is no file %s", path)
	}
	if err != nil {
		return nil, 0, failed("the exported snapshot cannot be read: %w", err)
	}
	info, err := f.Stat()
	if err == nil && info.IsDir() {
		err = wrongUsage("%s is a directory; name a file that was exported", path)
	}
	if err != nil {
		return nil, 0, errors.Join(err, f.Close())
	}
	return f, info.Size(), nil
}

func (a *app) sayImported(one shownSnapshot) error {
	if a.json {
		return printJSON(a.Stdout, one)
	}
	_, err := fmt.Fprintf(a.Stdout, "Snapshot %s, of event %s of %s, is here now. Put the models there with: projector restore %s\n",
		one.Name, grouped(one.StreamSequence), one.StreamName, one.Name)
	return err
}

// readImport takes a snapshot into the data directory.
func (a *app) readImport(ctx context.Context, s *settings, f io.Reader, size int64, as string) (one shownSnapshot, err error) {
	p := &copied{}
	stop := a.showing(ctx, "importing", "byte", p.done)
	defer stop()
	err = a.withStore(s, func(store *projection.Store) error {
		m, err := store.Import(ctx, f, as, func(done, _ int64) { p.report(done, size) })
		if err != nil {
			return unsound(err)
		}
		one = shownOf(m)
		return nil
	})
	return one, err
}

// unsound makes what is wrong with an exported file a refusal.
func unsound(err error) error {
	_, damaged := errors.AsType[*snapshotstore.DamageError](err)
	_, missing := errors.AsType[*snapshotstore.MissingError](err)
	if damaged || missing {
		return refused("%w", err)
	}
	return err
}

// sendImport sends a file to a worker in pieces, and lets it take in the snapshot.
func (a *app) sendImport(
	ctx context.Context, s *settings, timeout time.Duration, f io.Reader, size int64, as string,
) (shownSnapshot, error) {
	k, err := s.asker(timeout)
	if err != nil {
		return shownSnapshot{}, err
	}
	defer k.close()
	file, err := lingering[engine.TransferReport](ctx, k, "cmd.transfer.begin", struct{}{})
	if err != nil {
		return shownSnapshot{}, err
	}
	p := &copied{}
	stop := a.showing(ctx, "sending", "byte", p.done)
	err = k.send(ctx, file.ID, f, size, p)
	stop()
	var job engine.TransferJob
	if err == nil {
		job, err = request[engine.TransferJob](ctx, k, "cmd.snapshot.import", map[string]any{"id": file.ID, "as": as, "detach": true})
	}
	if err != nil {
		k.endTransfer(ctx, file.ID)
		return shownSnapshot{}, err
	}
	done, err := a.await(ctx, k, job.Job, "importing", "byte") // the worker ends the transfer
	if err != nil {
		return shownSnapshot{}, err
	}
	raw, err := resultOf[json.RawMessage](done)
	if err != nil {
		return shownSnapshot{}, err
	}
	return onWire(raw)
}

// send sends a file.
func (k *asker) send(ctx context.Context, id string, f io.Reader, size int64, p *copied) error {
	piece := make([]byte, engine.PieceBytes(k.conn.MaxPayload()))
	for at := int64(0); ; {
		n, readErr := io.ReadFull(f, piece)
		if readErr != nil && !errors.Is(readErr, io.EOF) && !errors.Is(readErr, io.ErrUnexpectedEOF) {
			return readErr
		}
		if n > 0 {
			got, err := request[engine.TransferReport](ctx, k, "cmd.transfer.write", map[string]any{"id": id, "offset": at, "bytes": piece[:n]})
			if err != nil {
				return err
			}
			if at += int64(n); got.Bytes != at {
				return failed("worker %q has %s of the %s that were sent; import again", k.name, plural(got.Bytes, "byte"), grouped(at))
			}
			p.report(at, max(size, at))
		}
		if readErr != nil {
			return nil
		}
	}
}
