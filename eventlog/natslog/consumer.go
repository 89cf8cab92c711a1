package natslog

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// The metadata by which a consumer is known to be a worker's.
const (
	workerKey      = "projector.worker"
	incarnationKey = "projector.incarnation"
)

// consumerName returns a name that no consumer had before.
func (l *Log) consumerName() string {
	return fmt.Sprintf("%s-%s-%d", l.cfg.Worker, l.cfg.Incarnation, serial.Add(1))
}

// createConsumer makes a consumer that delivers from a sequence on, and returns how many messages it has to deliver.
func (l *Log) createConsumer(ctx context.Context, name string, from eventlog.Seq) (uint64, error) {
	cfg := jetstream.ConsumerConfig{
		Name:              name,
		Description:       "unacknowledged reader of a projection worker",
		DeliverPolicy:     jetstream.DeliverByStartSequencePolicy,
		OptStartSeq:       uint64(from),
		AckPolicy:         jetstream.AckNonePolicy,
		ReplayPolicy:      jetstream.ReplayInstantPolicy,
		InactiveThreshold: inactiveThreshold,
		MemoryStorage:     true,
		Replicas:          1,
		Metadata:          map[string]string{workerKey: l.cfg.Worker, incarnationKey: l.cfg.Incarnation},
	}
	var pending uint64
	subject := l.api("CONSUMER.CREATE." + l.cfg.Stream + "." + name)
	err := l.request(ctx, subject, func(ctx context.Context) error {
		consumer, err := l.js.CreateConsumer(ctx, l.cfg.Stream, cfg)
		if err == nil {
			pending = consumer.CachedInfo().NumPending
		}
		return err
	})
	return pending, err
}

// deleteConsumer removes a consumer. One that is gone already is no error.
func (l *Log) deleteConsumer(ctx context.Context, name string) error {
	err := l.request(ctx, l.api("CONSUMER.DELETE."+l.cfg.Stream+"."+name), func(ctx context.Context) error {
		return l.js.DeleteConsumer(ctx, l.cfg.Stream, name)
	})
	if _, missing := errors.AsType[*StreamMissingError](err); missing || errors.Is(err, jetstream.ErrConsumerNotFound) {
		return nil
	}
	return err
}

// removeStale deletes the consumers that earlier incarnations of this worker left. A name alone proves nothing: "a-b" may be
// the worker "a-b", or what comes first in a name of the worker "a". The metadata does.
func (l *Log) removeStale(ctx context.Context) error {
	var stale []string
	err := l.request(ctx, l.api("CONSUMER.LIST."+l.cfg.Stream), func(ctx context.Context) error {
		stream, err := l.js.Stream(ctx, l.cfg.Stream)
		if err != nil {
			return err
		}
		list := stream.ListConsumers(ctx)
		for info := range list.Info() {
			if l.isStale(info) {
				stale = append(stale, info.Name)
			}
		}
		return list.Err()
	})
	if err != nil {
		return fmt.Errorf("list consumers: %w", err)
	}
	for _, name := range stale {
		if err := l.deleteConsumer(ctx, name); err != nil {
			return fmt.Errorf("delete consumer %s: %w", name, err)
		}
		l.cfg.Logger.InfoContext(ctx, "removed a consumer of an earlier run", "stream", l.cfg.Stream, "consumer", name)
	}
	return nil
}

// isStale tells whether a consumer was left by an earlier incarnation of this worker.
func (l *Log) isStale(info *jetstream.ConsumerInfo) bool {
	meta := info.Config.Metadata
	return meta[workerKey] == l.cfg.Worker && meta[incarnationKey] != "" && meta[incarnationKey] != l.cfg.Incarnation &&
		strings.HasPrefix(info.Name, l.cfg.Worker+"-"+meta[incarnationKey]+"-")
}
