package natsshelf

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"

	"github.com/thecowboyai/cim-projector/snapshotstore"
)

// errUncertain marks a name whose acknowledgement did not come: it may stand, or appear when the connection is back.
var errUncertain = errors.New("natsshelf: the server did not say whether it has the name")

// The server's codes for another last sequence than the expected one.
const (
	codeWrongLast      jetstream.ErrorCode = 10071
	codeWrongLastOther jetstream.ErrorCode = 10164 // where it does not say which
)

// rounds is how often a name is tried that others take and give up at the same time.
const rounds = 5

// Put stores a file. Where the server could not be reached at the very end, an error may come with a file that is there,
// whole, or appears when the connection is back.
//
// The object stores of the client library send the name before the chunks are acknowledged, and more at once than a slow
// server takes; so the messages are sent here.
func (s *Shelf) Put(ctx context.Context, name string, content io.Reader) error {
	if err := errors.Join(snapshotstore.CheckShelfName(name), ctx.Err()); err != nil {
		return err
	}
	info := jetstream.ObjectInfo{
		Bucket: s.bucket, NUID: nuid.Next(),
		ObjectMeta: jetstream.ObjectMeta{Name: name, Opts: &jetstream.ObjectMetaOptions{ChunkSize: uint32(s.chunk)}},
	}
	named := false
	err := s.send(ctx, &info, content)
	if err == nil {
		named, err = s.name(ctx, &info)
	}
	if !named && !errors.Is(err, errUncertain) {
		if gone := s.discard(ctx, info.NUID); gone != nil {
			err = errors.Join(err, fmt.Errorf("remove what was sent: %w", gone))
		}
	}
	if err != nil {
		return fmt.Errorf("put %s: %w", name, err)
	}
	return nil
}

// discard removes chunks that will not have a name, also when the context has ended.
func (s *Shelf) discard(ctx context.Context, chunks string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
	defer cancel()
	return s.purge(ctx, s.chunkPrefix()+chunks)
}

// send stores the chunks, each acknowledged before the next, and notes their number, length and digest.
func (s *Shelf) send(ctx context.Context, info *jetstream.ObjectInfo, content io.Reader) error {
	digest := sha256.New()
	buf := make([]byte, s.chunk)
	for {
		n, readErr := io.ReadFull(content, buf)
		if readErr != nil && !errors.Is(readErr, io.EOF) && !errors.Is(readErr, io.ErrUnexpectedEOF) {
			return readErr
		}
		if n > 0 {
			msg := &nats.Msg{Subject: s.chunkPrefix() + info.NUID, Data: buf[:n]}
			if err := s.publish(ctx, msg); err != nil {
				return fmt.Errorf("store chunk %d: %w", info.Chunks+1, err)
			}
			digest.Write(buf[:n])
			info.Chunks++
			info.Size += uint64(n)
		}
		if readErr != nil {
			info.Digest = jetstream.GetObjectDigestValue(digest)
			return nil
		}
	}
}

// publish sends one message and waits for its acknowledgement.
func (s *Shelf) publish(ctx context.Context, msg *nats.Msg, opts ...jetstream.PublishOpt) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	_, err := s.js.PublishMsg(ctx, msg, opts...)
	return err
}

// name stores what makes the chunks a file, unless one of that name is there. It tells whether the chunks now have a
// name.
func (s *Shelf) name(ctx context.Context, info *jetstream.ObjectInfo) (bool, error) {
	var err error
	for range rounds {
		var there placed
		there, err = s.find(ctx, info.Name)
		switch {
		case err == nil && there.Size == info.Size && there.Digest == info.Digest:
			return false, nil
		case err == nil:
			return false, snapshotstore.ErrShelfConflict
		case !errors.Is(err, snapshotstore.ErrNotOnShelf):
			return false, err
		}
		if err = s.publishName(ctx, info, there.seq); err == nil {
			return true, nil
		}
		refusal, ok := errors.AsType[*jetstream.APIError](err)
		if !ok {
			return false, errors.Join(errUncertain, err)
		}
		if code := refusal.ErrorCode; code != codeWrongLast && code != codeWrongLastOther {
			return false, err
		}
	}
	return false, fmt.Errorf("others took the name and gave it up %d times meanwhile: %w", rounds, err)
}

// publishName stores the description, if the last message in its place is the one that was seen there.
func (s *Shelf) publishName(ctx context.Context, info *jetstream.ObjectInfo, last uint64) error {
	body, err := json.Marshal(info)
	if err != nil {
		return err
	}
	msg := nats.NewMsg(s.metaSubject(info.Name))
	msg.Header.Set(jetstream.MsgRollup, jetstream.MsgRollupSubject)
	msg.Data = body
	return s.publish(ctx, msg, jetstream.WithExpectLastSequencePerSubject(last))
}
