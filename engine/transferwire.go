package engine

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
	"github.com/thecowboyai/cim-projector/snapshotstore"
)

// TransferReport is a file that can be fetched, or is being received.
type TransferReport struct {
	ID    string `json:"id"`
	Bytes int64  `json:"bytes"`
}

// TransferJob is the job that writes or reads a transferred file. Ending the transfer ends the job.
type TransferJob struct {
	Job

	Transfer string `json:"transfer"`
}

// TransferPiece is a part of a file.
type TransferPiece struct {
	Bytes []byte `json:"bytes"` // base64
	Last  bool   `json:"last"`
}

// transferParams is what requests about transfers may say.
type transferParams struct {
	id, name, as  string
	offset, limit uint64
	piece         []byte
	detach        bool
}

func parseTransfer(c call) (p transferParams, err error) {
	field := c.request.Params.Object(func(name string, v eventlog.Value) *eventlog.FieldError {
		if v.IsNull() {
			return nil
		}
		return p.field(name, v).InIfAny(name)
	})
	if field != nil {
		return p, badField(field)
	}
	return p, nil
}

func (p *transferParams) field(name string, v eventlog.Value) (err *eventlog.FieldError) {
	switch name {
	case "id":
		p.id, err = v.Text()
	case "name":
		p.name, err = v.Text()
	case "as":
		p.as, err = v.Text()
	case "offset":
		p.offset, err = v.Uint64()
	case "limit":
		if p.limit, err = v.Uint64(); err == nil && p.limit == 0 {
			err = eventlog.Refuse(eventlog.CodeOutOfRange, "")
		}
	case "detach":
		p.detach, err = v.Bool()
	case "bytes":
		var encoded string
		if encoded, err = v.Text(); err != nil {
			return err
		}
		var bad error
		if p.piece, bad = base64.StdEncoding.DecodeString(encoded); bad != nil {
			err = eventlog.Refuse(eventlog.CodeWrongType, "")
		}
	}
	return err
}

// snapshotExport writes a snapshot to a file here, from where it is fetched in pieces.
func (s *Service) snapshotExport(ctx context.Context, c call) (reply, error) {
	p, err := parseTransfer(c)
	if err != nil {
		return reply{}, err
	}
	if _, err := s.worker.SnapshotNamed(p.name); err != nil {
		return reply{}, err
	}
	base, cancel := context.WithCancelCause(s.base)
	id, f, err := s.transfers.begin(false, cancel)
	if err != nil {
		cancel(nil)
		return reply{}, err
	}
	r := s.jobs.start(base, "export", func(ctx context.Context, progress func(done, of uint64)) (any, error) {
		defer cancel(nil)
		return s.export(ctx, id, f, p.name, progress)
	})
	return s.transferJob(ctx, r, id, p.detach)
}

// transferJob answers with a job: as it is, or when it has ended.
func (s *Service) transferJob(ctx context.Context, r *running, id string, detach bool) (reply, error) {
	wait := func() (Job, error) { return s.jobs.wait(ctx, r) }
	if detach {
		wait = func() (Job, error) { return s.jobs.look(r.job.ID) }
	}
	job, err := wait()
	return reply{Data: TransferJob{Job: job, Transfer: id}}, err
}

func (s *Service) export(
	ctx context.Context, id string, f *os.File, name string, progress func(done, of uint64),
) (TransferReport, error) {
	err := s.worker.Export(ctx, name, f, func(done, total int64) { progress(uint64(done), uint64(total)) })
	size, seekErr := f.Seek(0, io.SeekCurrent)
	if err = errors.Join(err, seekErr, f.Close()); err == nil {
		err = s.transfers.ready(id, size)
	}
	if err != nil {
		return TransferReport{}, errors.Join(givenUp(ctx, err), s.transfers.end(id))
	}
	return TransferReport{ID: id, Bytes: size}, nil
}

// givenUp says so where that is what an error comes from.
func givenUp(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

func (s *Service) transferRead(_ context.Context, c call) (reply, error) {
	p, err := parseTransfer(c)
	if err != nil {
		return reply{}, err
	}
	most := PieceBytes(s.conn.MaxPayload())
	if p.limit > 0 {
		most = int(min(uint64(most), p.limit))
	}
	piece, last, err := s.transfers.read(p.id, p.offset, most)
	return reply{Data: TransferPiece{Bytes: piece, Last: last}}, err
}

func (s *Service) transferEnd(_ context.Context, c call) (reply, error) {
	p, err := parseTransfer(c)
	if err != nil {
		return reply{}, err
	}
	return reply{Data: TransferReport{ID: p.id}}, s.transfers.end(p.id)
}

func (s *Service) transferBegin(_ context.Context, _ call) (reply, error) {
	id, f, err := s.transfers.begin(true, nil)
	if err != nil {
		return reply{}, err
	}
	return reply{Data: TransferReport{ID: id}}, f.Close()
}

func (s *Service) transferWrite(_ context.Context, c call) (reply, error) {
	p, err := parseTransfer(c)
	if err != nil {
		return reply{}, err
	}
	size, err := s.transfers.write(p.id, p.offset, p.piece)
	return reply{Data: TransferReport{ID: p.id, Bytes: size}}, err
}

// snapshotImport takes in the snapshot of a file that was received.
func (s *Service) snapshotImport(ctx context.Context, c call) (reply, error) {
	p, err := parseTransfer(c)
	if err != nil {
		return reply{}, err
	}
	if p.as != "" && !NamePattern.MatchString(p.as) {
		return reply{}, fmt.Errorf("%w: not %.200q", snapshotstore.ErrBadName, p.as)
	}
	base, cancel := context.WithCancelCause(s.base)
	f, size, err := s.transfers.take(p.id, cancel)
	if err != nil {
		cancel(nil)
		return reply{}, err
	}
	r := s.jobs.start(base, "import", func(ctx context.Context, progress func(done, of uint64)) (any, error) {
		defer cancel(nil)
		m, err := s.worker.Import(ctx, f, p.as, func(done, _ int64) { progress(uint64(done), uint64(size)) })
		if err != nil {
			err = givenUp(ctx, importError(err))
		}
		if err = errors.Join(err, f.Close(), s.transfers.end(p.id)); err != nil {
			return nil, err
		}
		s.announce(m)
		return metadataOf(m), nil
	})
	return s.transferJob(ctx, r, p.id, p.detach)
}

// importError makes what is wrong with a file an error for the asker.
func importError(err error) error {
	_, damaged := errors.AsType[*snapshotstore.DamageError](err)
	_, missing := errors.AsType[*snapshotstore.MissingError](err)
	if damaged || missing || errors.Is(err, snapshotstore.ErrForeign) || errors.Is(err, projection.ErrMisstated) {
		return projection.Fail(projection.Refused, "%s", err)
	}
	return err
}

// Export writes a snapshot as one file.
func (w *Worker) Export(ctx context.Context, name string, to io.Writer, progress snapshotstore.Progress) error {
	return w.store.Export(ctx, name, to, progress)
}

// Import takes the snapshot of an exported file in, under another name where as is not "". See projection.Store.Import.
func (w *Worker) Import(ctx context.Context, from io.Reader, as string, progress snapshotstore.Progress) (*snapshotstore.Manifest, error) {
	m, err := w.store.Import(ctx, from, as, progress)
	if err != nil {
		return nil, err
	}
	w.config.Logger.Info("a snapshot was imported", "name", m.Name, "sequence", m.StreamSequence)
	w.shelver.wake()
	return m, nil
}
