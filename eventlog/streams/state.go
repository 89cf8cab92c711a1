package streams

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// State is what there is on a server, as far as a layout is concerned.
type State struct {
	Streams   []*jetstream.StreamInfo              // all of the account, by name
	Consumers map[string][]*jetstream.ConsumerInfo // of the stream of events, by the stream's name
	Account   *jetstream.AccountInfo
	Clustered bool      // several servers keep streams together
	Servers   int       // how many are known, at least one
	Now       time.Time // when this was read

	// Young is, for a stream that holds events older than the layout would keep them, the first sequence that is young
	// enough.
	Young map[string]eventlog.Seq
}

// Need is how far one worker has come in one stream: what lies behind that is needed.
type Need struct {
	Worker  string
	Stream  string
	Applied eventlog.Seq
}

// Stream returns a stream by its name, or nil.
func (s State) Stream(name string) *jetstream.StreamInfo {
	for _, info := range s.Streams {
		if info.Config.Name == name {
			return info
		}
	}
	return nil
}

// Read looks at the server of a layout. It changes nothing.
func Read(ctx context.Context, js jetstream.JetStream, l Layout) (State, error) {
	l = l.withDefaults()
	s := State{Now: time.Now(), Servers: 1, Consumers: map[string][]*jetstream.ConsumerInfo{}, Young: map[string]eventlog.Seq{}}
	var err error
	if s.Account, err = js.AccountInfo(ctx); err != nil {
		return s, unanswered("ask for the account's limits", err)
	}
	if s.Streams, err = List(ctx, js); err != nil {
		return s, err
	}
	s.Clustered = js.Conn().ConnectedClusterName() != ""
	for _, info := range s.Streams {
		s.Clustered = s.Clustered || info.Cluster != nil && info.Cluster.Name != ""
	}
	if s.Clustered {
		s.Servers = max(1, len(js.Conn().Servers()))
	}
	if l.Consumers && s.Stream(l.Stream) != nil {
		if s.Consumers[l.Stream], err = Consumers(ctx, js, l.Stream); err != nil {
			return s, err
		}
	}
	return s, s.readAges(ctx, js, l)
}

// List returns all streams of the account, by name.
func List(ctx context.Context, js jetstream.JetStream) ([]*jetstream.StreamInfo, error) {
	var out []*jetstream.StreamInfo
	lister := js.ListStreams(ctx)
	for info := range lister.Info() {
		out = append(out, info)
	}
	if err := lister.Err(); err != nil {
		return nil, unanswered("list the streams", err)
	}
	slices.SortFunc(out, func(a, b *jetstream.StreamInfo) int { return strings.Compare(a.Config.Name, b.Config.Name) })
	return out, nil
}

// Consumers returns all consumers of a stream, by name.
func Consumers(ctx context.Context, js jetstream.JetStream, stream string) ([]*jetstream.ConsumerInfo, error) {
	handle, err := js.Stream(ctx, stream)
	if err != nil {
		return nil, unanswered("list the consumers of "+stream, err)
	}
	var out []*jetstream.ConsumerInfo
	lister := handle.ListConsumers(ctx)
	for info := range lister.Info() {
		out = append(out, info)
	}
	if err := lister.Err(); err != nil {
		return nil, unanswered("list the consumers of "+stream, err)
	}
	slices.SortFunc(out, func(a, b *jetstream.ConsumerInfo) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

// unanswered says what can be done about a question that the server did not answer. What a user may not ask is not
// answered either.
func unanswered(step string, err error) error {
	switch {
	case errors.Is(err, jetstream.ErrJetStreamNotEnabled), errors.Is(err, jetstream.ErrJetStreamNotEnabledForAccount):
		return fmt.Errorf("streams: %s: %w; enable JetStream there, or name another server or account", step, err)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, nats.ErrTimeout):
		return fmt.Errorf("streams: %s: %w; see whether the server allows this user to publish to $JS.API.>", step, err)
	}
	return fmt.Errorf("streams: %s: %w", step, err)
}

// readAges finds out what a greatest age would leave of the streams that hold older events.
func (s State) readAges(ctx context.Context, js jetstream.JetStream, l Layout) error {
	for _, w := range l.wishes() {
		info := s.Stream(w.name)
		if info == nil || w.limits == nil || w.limits.MaxAge == 0 || info.State.Msgs == 0 {
			continue
		}
		oldest := s.Now.Add(-w.limits.MaxAge)
		if !info.State.FirstTime.Before(oldest) {
			continue
		}
		seq, err := firstSince(ctx, js, info, oldest)
		if err != nil {
			return fmt.Errorf("streams: find the first event of %s since %s: %w", w.name, oldest.UTC().Format(time.RFC3339), err)
		}
		s.Young[w.name] = seq
	}
	return nil
}

// firstSince returns the lowest sequence below which all messages were stored before a moment, and at and above which
// none was. The broker's times do not fall within one stream, so it is found by halving.
func firstSince(ctx context.Context, js jetstream.JetStream, info *jetstream.StreamInfo, since time.Time) (eventlog.Seq, error) {
	stream, err := js.Stream(ctx, info.Config.Name)
	if err != nil {
		return 0, err
	}
	low, high := info.State.FirstSeq, info.State.LastSeq+1
	for low < high {
		middle := low + (high-low)/2
		msg, err := stream.GetMsg(ctx, middle, jetstream.WithGetMsgSubject(everything))
		switch {
		case errors.Is(err, jetstream.ErrMsgNotFound): // nothing is left from here on
			high = middle
		case err != nil:
			return 0, err
		case msg.Time.Before(since):
			low = msg.Sequence + 1
		default:
			high = middle
		}
	}
	return eventlog.Seq(low), nil
}
