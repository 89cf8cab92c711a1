package natsshelf

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/thecowboyai/cim-projector/snapshotstore"
)

const (
	// patience is how long one request to the server may take.
	patience = 30 * time.Second

	// farewell is how long a put that failed tries to take back what it sent.
	farewell = 3 * time.Second

	// chunkBytes is the most that one message holds.
	chunkBytes = 512 << 10
)

// ErrNoBucket is a worker without a bucket.
var ErrNoBucket = errors.New("natsshelf: the worker has no bucket; Create makes one")

// Config says what bucket is made.
type Config struct {
	Worker   string // whose files it is for; must look like a name of a snapshot
	Replicas int    // 0 = 1
	MaxBytes int64  // what the bucket may take, everything included; 0 = no limit
}

// Validate reports everything that is wrong.
func (c Config) Validate() error {
	var problems []error
	if !snapshotstore.NamePattern.MatchString(c.Worker) {
		problems = append(problems, fmt.Errorf("natsshelf: %q cannot be the name of a worker: letters, digits, - and _, up to 128", c.Worker))
	}
	if c.Replicas < 0 || c.Replicas > 5 {
		problems = append(problems, fmt.Errorf("natsshelf: %d replicas; choose 1 to 5", c.Replicas))
	}
	if c.MaxBytes < 0 {
		problems = append(problems, fmt.Errorf("natsshelf: a limit of %d bytes is negative; choose one above zero, or 0 for none", c.MaxBytes))
	}
	return errors.Join(problems...)
}

// Bucket returns the name of a worker's bucket.
func Bucket(worker string) string { return "projector-" + worker }

// Shelf is a worker's bucket. It is safe for concurrent use, also by several processes, and need not be closed: it holds
// nothing but the connection that it was given.
type Shelf struct {
	js     jetstream.JetStream
	stream jetstream.Stream
	bucket string
	chunk  int
}

var _ snapshotstore.Shelf = (*Shelf)(nil)

// Create makes a worker's bucket, in files, where it is missing. One that is there is taken as it is.
func Create(ctx context.Context, js jetstream.JetStream, config Config) (*Shelf, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	bounded, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	_, err := js.CreateObjectStore(bounded, jetstream.ObjectStoreConfig{
		Bucket:      Bucket(config.Worker),
		Description: "snapshots of the projection worker " + config.Worker,
		Storage:     jetstream.FileStorage,
		Replicas:    config.Replicas,
		MaxBytes:    config.MaxBytes,
	})
	if err != nil && !errors.Is(err, jetstream.ErrBucketExists) {
		return nil, fmt.Errorf("create bucket %s: %w", Bucket(config.Worker), err)
	}
	return Open(ctx, js, config.Worker)
}

// Open opens a worker's bucket, or returns ErrNoBucket. One that does not keep what it is given is refused.
func Open(ctx context.Context, js jetstream.JetStream, worker string) (*Shelf, error) {
	if err := (Config{Worker: worker}).Validate(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	bucket := Bucket(worker)
	stream, err := js.Stream(ctx, "OBJ_"+bucket)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return nil, fmt.Errorf("%w: %s", ErrNoBucket, bucket)
	}
	if err != nil {
		return nil, fmt.Errorf("open bucket %s: %w", bucket, err)
	}
	switch config := stream.CachedInfo().Config; {
	case config.MaxAge != 0:
		return nil, fmt.Errorf("natsshelf: bucket %s forgets files after %s; take the limit off", bucket, config.MaxAge)
	case config.Storage != jetstream.FileStorage:
		return nil, fmt.Errorf("natsshelf: bucket %s is held in memory; make it anew in files", bucket)
	case config.Discard != jetstream.DiscardNew || config.MaxMsgs > 0 || config.MaxMsgsPerSubject > 0:
		return nil, fmt.Errorf("natsshelf: bucket %s drops old messages for new ones, or limits their number; make it anew", bucket)
	}
	return &Shelf{js: js, stream: stream, bucket: bucket, chunk: int(min(chunkBytes, js.Conn().MaxPayload()/2))}, nil
}

func (s *Shelf) metaPrefix() string { return "$O." + s.bucket + ".M." }

func (s *Shelf) metaSubject(name string) string {
	return s.metaPrefix() + base64.URLEncoding.EncodeToString([]byte(name))
}

func (s *Shelf) chunkPrefix() string { return "$O." + s.bucket + ".C." }

// placed is an object's description and the sequence where it stands.
type placed struct {
	jetstream.ObjectInfo
	seq uint64 // 0 = there is none
}

// describe returns the description that stands under a subject, or jetstream.ErrMsgNotFound.
func (s *Shelf) describe(ctx context.Context, subject string) (placed, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	m, err := s.stream.GetLastMsgForSubject(ctx, subject)
	if err != nil {
		return placed{}, err
	}
	out := placed{seq: m.Sequence}
	if err := json.Unmarshal(m.Data, &out.ObjectInfo); err != nil {
		return placed{}, s.damage(subject, "the description of a file cannot be read")
	}
	return out, nil
}

// find returns the description of a file, or ErrNotOnShelf with the sequence of what stands in its place, if anything.
func (s *Shelf) find(ctx context.Context, name string) (placed, error) {
	out, err := s.describe(ctx, s.metaSubject(name))
	switch {
	case errors.Is(err, jetstream.ErrMsgNotFound):
		return placed{}, fmt.Errorf("%w: %s", snapshotstore.ErrNotOnShelf, name)
	case err != nil:
		return placed{}, fmt.Errorf("look for %s: %w", name, err)
	case out.Deleted:
		return out, fmt.Errorf("%w: %s", snapshotstore.ErrNotOnShelf, name)
	case out.Name != name || out.NUID == "" || strings.ContainsAny(out.NUID, ".*> "):
		return placed{}, s.damage(name, "its description is that of another")
	case out.Opts != nil && out.Opts.Link != nil:
		return placed{}, s.damage(name, "it is a link")
	}
	return out, nil
}

func (s *Shelf) damage(name, detail string) error {
	return &snapshotstore.DamageError{File: s.bucket + "/" + name, Detail: detail}
}

// purge removes the messages of one subject.
func (s *Shelf) purge(ctx context.Context, subject string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return s.stream.Purge(ctx, jetstream.WithPurgeSubject(subject))
}
