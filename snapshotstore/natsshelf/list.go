package natsshelf

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/thecowboyai/cim-projector/snapshotstore"
)

// askers is how many descriptions are asked for at once.
const askers = 16

// List returns the files whose names begin with the prefix. What is in the bucket and not named like a file on a shelf is
// passed over.
func (s *Shelf) List(ctx context.Context, prefix string) ([]snapshotstore.ShelfItem, error) {
	names, err := s.names(ctx, prefix)
	if err != nil {
		return nil, fmt.Errorf("list bucket %s: %w", s.bucket, err)
	}
	items := make([]snapshotstore.ShelfItem, len(names))
	errs := make([]error, len(names))
	next := make(chan int)
	var wg sync.WaitGroup
	for range min(askers, len(names)) {
		wg.Go(func() {
			for i := range next {
				info, err := s.find(ctx, names[i])
				items[i], errs[i] = snapshotstore.ShelfItem{Name: names[i], Bytes: int64(info.Size)}, err
			}
		})
	}
	for i := range names {
		next <- i
	}
	close(next)
	wg.Wait()
	out := items[:0]
	for i, err := range errs {
		switch {
		case err == nil:
			out = append(out, items[i])
		case !errors.Is(err, snapshotstore.ErrNotOnShelf): // that one was removed
			return nil, fmt.Errorf("list bucket %s: %w", s.bucket, err)
		}
	}
	return out, nil
}

// names returns the names that there are or were, sorted.
func (s *Shelf) names(ctx context.Context, prefix string) ([]string, error) {
	subjects, _, err := s.subjects(ctx, s.metaPrefix()+">")
	if err != nil {
		return nil, err
	}
	var out []string
	for _, subject := range subjects {
		name, err := base64.URLEncoding.DecodeString(strings.TrimPrefix(subject, s.metaPrefix()))
		if err == nil && strings.HasPrefix(string(name), prefix) && snapshotstore.CheckShelfName(string(name)) == nil {
			out = append(out, string(name))
		}
	}
	slices.Sort(out)
	return out, nil
}

// subjects returns the subjects that have messages, and what the server knows beside.
func (s *Shelf) subjects(ctx context.Context, filter string) ([]string, *jetstream.StreamInfo, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	info, err := s.stream.Info(ctx, jetstream.WithSubjectFilter(filter))
	if err != nil {
		return nil, nil, err
	}
	var out []string
	for subject := range info.State.Subjects {
		out = append(out, subject)
	}
	return out, info, nil
}
