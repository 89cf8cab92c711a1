package natsshelf

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/thecowboyai/cim-projector/snapshotstore"
)

// Remove removes a file: its name first, then its chunks. Nothing of it stays in the bucket.
func (s *Shelf) Remove(ctx context.Context, name string) error {
	if err := errors.Join(snapshotstore.CheckShelfName(name), ctx.Err()); err != nil {
		return err
	}
	info, err := s.find(ctx, name)
	if err != nil {
		return err
	}
	for _, subject := range []string{s.metaSubject(name), s.chunkPrefix() + info.NUID} {
		if err := s.purge(ctx, subject); err != nil {
			return fmt.Errorf("remove %s: %w", name, err)
		}
	}
	return nil
}

// Sweep removes chunks that no file has and to which nothing was added for so long: what puts that ended with their
// process left. It returns how many such puts there were. A put that is still under way, by whomever, must not be idle for
// that long; an hour is safe.
func (s *Shelf) Sweep(ctx context.Context, idle time.Duration) (int, error) {
	chunks, info, err := s.subjects(ctx, s.chunkPrefix()+">")
	if err != nil {
		return 0, fmt.Errorf("sweep bucket %s: %w", s.bucket, err)
	}
	before := info.TimeStamp.Add(-idle) // by the server's clock
	named, err := s.chunksOfFiles(ctx)  // asked for after the chunks: what was named meanwhile is among them
	if err != nil {
		return 0, fmt.Errorf("sweep bucket %s: %w", s.bucket, err)
	}
	swept := 0
	for _, subject := range chunks {
		if named[strings.TrimPrefix(subject, s.chunkPrefix())] {
			continue
		}
		last, err := s.last(ctx, subject)
		if errors.Is(err, jetstream.ErrMsgNotFound) || err == nil && last.After(before) {
			continue
		}
		if err == nil {
			err = s.purge(ctx, subject)
		}
		if err != nil {
			return swept, fmt.Errorf("sweep bucket %s: %w", s.bucket, err)
		}
		swept++
	}
	return swept, nil
}

// chunksOfFiles returns the identifiers of the chunks that belong to files, whatever their names look like. A description
// that cannot be read fails it: what belongs to it is not known.
func (s *Shelf) chunksOfFiles(ctx context.Context) (map[string]bool, error) {
	subjects, _, err := s.subjects(ctx, s.metaPrefix()+">")
	if err != nil {
		return nil, err
	}
	out := map[string]bool{}
	for _, subject := range subjects {
		info, err := s.describe(ctx, subject)
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out[info.NUID] = true
	}
	return out, nil
}

// last returns when the last message of a subject was stored.
func (s *Shelf) last(ctx context.Context, subject string) (time.Time, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	m, err := s.stream.GetLastMsgForSubject(ctx, subject)
	if err != nil {
		return time.Time{}, err
	}
	return m.Time, nil
}
