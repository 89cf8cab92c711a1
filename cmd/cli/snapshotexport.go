package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"github.com/thecowboyai/cim-projector/engine"
	"github.com/thecowboyai/cim-projector/projection"
)

// exported is what snapshot export --json prints.
type exported struct {
	Name  string `json:"name"`
	File  string `json:"file"`
	Bytes int64  `json:"bytes"`
}

func (a *app) snapshotExportCommand() *cobra.Command {
	var offline, force bool
	cmd := &cobra.Command{
		Use:   "export NAME FILE|-",
		Short: "Write a snapshot to one file",
		Long: `Export writes a snapshot to one file, with everything that it holds: to keep it elsewhere, to
import it into another worker, or to begin from it on an empty machine (run --from-snapshot). The
worker sends it over NATS. The file appears when it is whole, for its owner alone to read; one that
is there is not overwritten without --force. - is standard output, which then gets nothing else.

With --offline it opens the data directory itself, and refuses where a worker holds it.`,
		Example: `  projector snapshot export before-import before-import.snapshot
  projector snapshot export q4 - | ssh backup 'cat > q4.snapshot'`,
		Args: exportArgs,
	}
	cmd.Flags().BoolVar(&force, "force", false, "overwrite the file")
	addOffline(cmd, &offline)
	return a.asking(cmd, time.Minute, storeSettings(), func(ctx context.Context, s *settings, timeout time.Duration, args []string) error {
		fetch := func(w io.Writer) (int64, error) { return a.fetchExport(ctx, s, timeout, args[0], w) }
		if offline {
			fetch = func(w io.Writer) (int64, error) { return a.writeExport(ctx, s, args[0], w) }
		}
		return a.export(args[0], args[1], force, fetch)
	})
}

func exportArgs(cmd *cobra.Command, args []string) error {
	if err := count(2, 2, "the name of the snapshot, or the file,")(cmd, args); err != nil {
		return err
	}
	return checkSnapshotName(args[0])
}

// export writes what fetch gives to a file, which appears whole or not at all, or to standard output.
func (a *app) export(name, path string, force bool, fetch func(io.Writer) (int64, error)) error {
	if path == "-" {
		if isTerminal(a.Stdout) {
			return wrongUsage("an exported snapshot is not for a terminal; name a file, or lead standard output elsewhere")
		}
		_, err := fetch(a.Stdout)
		return err
	}
	f, err := createWhole(path, force)
	if err != nil {
		return err
	}
	n, err := fetch(f.temp)
	if err == nil {
		err = f.commit()
	}
	if err = errors.Join(err, f.abort()); err != nil {
		return err
	}
	if a.json {
		return printJSON(a.Stdout, exported{Name: name, File: path, Bytes: n})
	}
	_, err = fmt.Fprintf(a.Stdout, "Snapshot %s is in %s: %s. Take it in elsewhere with: projector snapshot import %s\n",
		name, path, bytesText(uint64(n)), path)
	return err
}

// writeExport writes a snapshot from the data directory.
func (a *app) writeExport(ctx context.Context, s *settings, name string, w io.Writer) (n int64, err error) {
	p := &copied{}
	counted := &countedWriter{w: w}
	stop := a.showing(ctx, "exporting", "byte", p.done)
	defer stop()
	err = a.withStore(s, func(store *projection.Store) error { return store.Export(ctx, name, counted, p.report) })
	return counted.n, err
}

// fetchExport lets a worker write a snapshot to a file there, and fetches that in pieces.
func (a *app) fetchExport(ctx context.Context, s *settings, timeout time.Duration, name string, w io.Writer) (n int64, err error) {
	k, err := s.asker(timeout)
	if err != nil {
		return 0, err
	}
	defer k.close()
	job, err := lingering[engine.TransferJob](ctx, k, "cmd.snapshot.export", map[string]any{"name": name, "detach": true})
	if err != nil {
		return 0, err
	}
	defer k.endTransfer(ctx, job.Transfer)
	done, err := a.await(ctx, k, job.Job, "exporting", "byte")
	if ctx.Err() != nil {
		return 0, ctx.Err() // the job ends with the transfer
	}
	if err != nil {
		return 0, err
	}
	file, err := resultOf[engine.TransferReport](done)
	if err != nil {
		return 0, err
	}
	p := &copied{}
	stop := a.showing(ctx, "fetching", "byte", p.done)
	defer stop()
	return file.Bytes, k.fetch(ctx, file, w, p)
}

// fetch writes a file that the worker has ready.
func (k *asker) fetch(ctx context.Context, file engine.TransferReport, w io.Writer, p *copied) error {
	limit := engine.PieceBytes(k.conn.MaxPayload())
	for at := int64(0); at < file.Bytes; {
		piece, err := request[engine.TransferPiece](ctx, k, "cmd.transfer.read", map[string]any{"id": file.ID, "offset": at, "limit": limit})
		if err != nil {
			return err
		}
		n := int64(len(piece.Bytes))
		if at += n; n == 0 || at > file.Bytes || piece.Last != (at == file.Bytes) {
			return failed("worker %q sent %s up to byte %d of %d, which does not fit; export again", k.name, plural(n, "byte"), at, file.Bytes)
		}
		if _, err := w.Write(piece.Bytes); err != nil {
			return err
		}
		p.report(at, file.Bytes)
	}
	return nil
}

// endTransfer tells the worker that a file is not needed any more. Where that does not reach it, the worker finds out by itself.
func (k *asker) endTransfer(ctx context.Context, id string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
	defer cancel()
	_, _ = request[json.RawMessage](ctx, k, "cmd.transfer.end", map[string]any{"id": id})
}

// lingering is request for what has to be ended again: where it is interrupted it waits a moment longer for the answer, which says how.
func lingering[T any](ctx context.Context, k *asker, subject string, params any) (T, error) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(farewell, cancel) })()
	return request[T](longer, k, subject, params)
}

// farewell bounds what is still said to a worker after the command has ended.
const farewell = 2 * time.Second

// resultOf reads the result of a job that is done.
func resultOf[T any](job engine.Job) (out T, err error) {
	raw, err := json.Marshal(job.Result)
	if err == nil {
		err = json.Unmarshal(raw, &out)
	}
	if err != nil {
		return out, fmt.Errorf("read what the %s did: %w", job.Kind, err)
	}
	return out, nil
}

// copied counts bytes, for whoever shows them.
type copied struct {
	n, of atomic.Int64
}

func (c *copied) report(done, total int64) {
	c.n.Store(done)
	c.of.Store(total)
}

func (c *copied) done() (n, of int64) { return c.n.Load(), c.of.Load() }

// countedWriter counts what was written.
type countedWriter struct {
	w io.Writer
	n int64
}

// Write writes to the writer behind it.
func (c *countedWriter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}
