package streams

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/nats-io/nats.go/jetstream"
)

// Conditions under which Apply does nothing, or nothing more.
var (
	// ErrRefused says that the plan holds a refused item, so that nothing was done.
	ErrRefused = errors.New("streams: the plan is refused")

	// ErrChanged says that something is no longer as it was when the plan was made.
	ErrChanged = errors.New("changed since the plan was made")
)

// ApplyError is the step of a plan that failed. What is before it in the plan was done.
type ApplyError struct {
	Item Item
	Done []Item // what was created and changed before
	Err  error
}

// Error names the step, the server's reason, what to do, and what was done.
func (e *ApplyError) Error() string {
	done := "nothing was done before"
	if len(e.Done) > 0 {
		var names []string
		for _, i := range e.Done {
			names = append(names, i.String())
		}
		done = "done before: " + strings.Join(names, ", ")
	}
	return fmt.Sprintf("streams: %s %s: %v; %s (%s)", e.Item.Action, e.Item, e.Err, nextStep(e.Err), done)
}

// Unwrap returns the reason.
func (e *ApplyError) Unwrap() error { return e.Err }

// Apply does what the plan says, and returns the items that it created and changed. It fails with ErrRefused, and has
// then done nothing, or with *ApplyError at the first step that fails.
func Apply(ctx context.Context, js jetstream.JetStream, p Plan) (done []Item, err error) {
	for _, i := range p.Items {
		if i.Action == Refuse {
			return nil, fmt.Errorf("%w: %s: %s; %s", ErrRefused, i, i.Refusals[0].Reason, i.Refusals[0].Instead)
		}
	}
	for _, i := range p.Items {
		if i.Action == Same {
			continue
		}
		if err := i.apply(ctx, js); err != nil {
			return done, &ApplyError{Item: i, Done: done, Err: err}
		}
		done = append(done, i)
	}
	return done, nil
}

func (i Item) apply(ctx context.Context, js jetstream.JetStream) error {
	switch {
	case i.stream != nil && i.Action == Create:
		_, err := js.CreateStream(ctx, i.stream.to)
		return err
	case i.stream != nil:
		return i.changeStream(ctx, js)
	case i.consumer != nil && i.Action == Create:
		return createConsumer(ctx, js, i.Stream, i.consumer.to)
	case i.consumer != nil:
		return i.changeConsumer(ctx, js)
	}
	return errors.New("this plan was not made by Compare")
}

func (i Item) changeStream(ctx context.Context, js jetstream.JetStream) error {
	stream, err := js.Stream(ctx, i.Stream)
	if err != nil {
		return err
	}
	held, from := stream.CachedInfo().Config, *i.stream.from
	held.Metadata, from.Metadata = ownMetadata(held.Metadata), ownMetadata(from.Metadata)
	if !reflect.DeepEqual(held, from) {
		return ErrChanged
	}
	_, err = js.UpdateStream(ctx, i.stream.to)
	return err
}

func createConsumer(ctx context.Context, js jetstream.JetStream, stream string, cfg jetstream.ConsumerConfig) (err error) {
	if cfg.DeliverSubject != "" {
		_, err = js.CreatePushConsumer(ctx, stream, cfg)
	} else {
		_, err = js.CreateConsumer(ctx, stream, cfg)
	}
	return err
}

func (i Item) changeConsumer(ctx context.Context, js jetstream.JetStream) error {
	held, err := Consumers(ctx, js, i.Stream)
	if err != nil {
		return err
	}
	same := false
	for _, info := range held {
		same = same || info.Name == i.Name && reflect.DeepEqual(info.Config, *i.consumer.from)
	}
	if !same {
		return ErrChanged
	}
	if i.consumer.to.DeliverSubject != "" {
		_, err = js.UpdatePushConsumer(ctx, i.Stream, i.consumer.to)
	} else {
		_, err = js.UpdateConsumer(ctx, i.Stream, i.consumer.to)
	}
	return err
}

// ownMetadata is metadata without what the server adds, which differs between two of its answers.
func ownMetadata(all map[string]string) map[string]string {
	out := map[string]string{}
	for k, v := range all {
		if !strings.HasPrefix(k, "_nats.") {
			out[k] = v
		}
	}
	return out
}

// nextSteps are what can be done about refusals that cannot be foreseen, by the server's error code.
var nextSteps = map[jetstream.ErrorCode]string{
	10005:               "too few servers of the cluster can hold it: use fewer replicas, or add servers",
	10023:               "the servers have no room for it: use fewer replicas or lower limits, or add room",
	10026:               "the account or stream takes no more consumers: delete some, or raise the limit",
	10027:               "the account takes no more streams: delete some, or raise the limit",
	codeMemoryExceeded:  "the server's memory for streams is reserved: lower max_bytes, or raise the server's max_mem",
	codeStorageExceeded: "the server's storage for streams is reserved: lower max_bytes, or raise the server's max_file",
	10039:               "JetStream is not enabled for this account: use another account, or enable it",
}

// nextStep says what can be done about an error.
func nextStep(err error) string {
	if errors.Is(err, ErrChanged) || errors.Is(err, jetstream.ErrStreamNotFound) {
		return "plan again"
	}
	if api, ok := errors.AsType[jetstream.JetStreamError](err); ok && api.APIError() != nil {
		if step, known := nextSteps[api.APIError().ErrorCode]; known {
			return step
		}
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return "the server did not answer: see whether it is reachable and allows this user to make streams, then plan again"
	}
	return "plan again, which shows where it stands"
}
