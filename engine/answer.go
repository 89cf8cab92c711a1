package engine

import (
	"context"
	"encoding/json"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/micro"

	"github.com/thecowboyai/cim-projector/projection"
)

// reply is an answer in CIM's result shape.
type reply struct {
	Data       any        `json:"data"`
	Metadata   *metadata  `json:"metadata,omitempty"`
	Pagination *pageReply `json:"pagination,omitempty"`
}

// metadata says what an answer is true of.
type metadata struct {
	Sequence   uint64     `json:"sequence"`
	Stream     string     `json:"stream"`
	Time       *time.Time `json:"time"` // the broker's, of the last event in it
	Projection string     `json:"projection"`
	Version    int        `json:"version"`
	ElapsedUS  int64      `json:"elapsed_us"`
	AsOf       *asOfReply `json:"as_of,omitempty"`
}

// asOfReply says what an answer from the past cost.
type asOfReply struct {
	BaseSequence uint64 `json:"base_sequence"` // of the state that the replay began from; 0 = the beginning
	Replayed     uint64 `json:"replayed"`      // events
	BuildUS      int64  `json:"build_us"`      // of the replay
	Cached       bool   `json:"cached"`        // it was there from an earlier question
}

type pageReply struct {
	Offset int  `json:"offset"`
	Limit  int  `json:"limit"`
	Total  int  `json:"total"`
	Next   *int `json:"next"` // the offset of the next page; null on the last
}

// query answers one of a projection's queries, from one view at one position.
func (s *Service) query(p projection.Projection, q projection.Query) func(context.Context, call) (reply, error) {
	return func(ctx context.Context, c call) (reply, error) {
		begun := time.Now()
		if c.asOf != (AsOf{}) {
			return s.queryPast(ctx, p, q, c, begun)
		}
		if c.minSequence > 0 {
			if err := s.worker.WaitFor(ctx, p.Name(), c.minSequence); err != nil {
				return reply{}, err
			}
		}
		done, err := s.slot(ctx)
		if err != nil {
			return reply{}, err
		}
		defer done()
		v, err := s.worker.View(p.Name())
		if err != nil {
			return reply{}, err
		}
		defer v.Close()
		if err := sameStream(v, c); err != nil {
			return reply{}, err
		}
		return ask(ctx, q, v, c, begun)
	}
}

// queryPast answers from a state of the past. Making it does not take the place of a question that can be answered now.
func (s *Service) queryPast(ctx context.Context, p projection.Projection, q projection.Query, c call, begun time.Time) (reply, error) {
	v, err := s.worker.ViewAsOf(ctx, p.Name(), c.asOf)
	if err != nil {
		return reply{}, err
	}
	defer v.Close()
	done, err := s.slot(ctx)
	if err != nil {
		return reply{}, err
	}
	defer done()
	if err := sameStream(v.View, c); err != nil {
		return reply{}, err
	}
	out, err := ask(ctx, q, v.View, c, begun)
	if err == nil {
		out.Metadata.AsOf = &asOfReply{
			BaseSequence: v.Cost.Base, Replayed: v.Cost.Replayed, BuildUS: v.Cost.Time.Microseconds(), Cached: v.Cached,
		}
	}
	return out, err
}

func ask(ctx context.Context, q projection.Query, v *projection.View, c call, begun time.Time) (reply, error) {
	a, err := q.Answer(ctx, v, c.request)
	if err != nil {
		return reply{}, err
	}
	if err := v.Err(); err != nil {
		return reply{}, err
	}
	return complete(a, c, v, begun), nil
}

// slot waits for room among the requests that read.
func (s *Service) slot(ctx context.Context) (func(), error) {
	select {
	case s.working <- struct{}{}:
		return func() { <-s.working }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// sameStream refuses a sequence of another history.
func sameStream(v *projection.View, c call) error {
	if c.created == 0 || c.created == v.At().Stream.Created {
		return nil
	}
	fail := projection.Fail(projection.Refused, "the models are of the stream created at %s, the asked sequence is of the one created at %s",
		v.At().Stream.Created, c.created)
	fail.Details = map[string]any{"stream_created": v.At().Stream.Created.String()}
	return fail
}

func complete(a projection.Answer, c call, v *projection.View, begun time.Time) reply {
	out := reply{Data: a.Data, Metadata: describe(v, begun)}
	if a.List {
		out.Pagination = &pageReply{Offset: c.request.Offset, Limit: c.request.Limit, Total: a.Total}
		if next := c.request.Offset + c.request.Limit; next < a.Total {
			out.Pagination.Next = &next
		}
	}
	return out
}

func describe(v *projection.View, begun time.Time) *metadata {
	at := v.At()
	m := &metadata{
		Sequence: uint64(at.Seq), Stream: at.Stream.Name, Projection: v.Projection().Name(), Version: v.Projection().Version(),
		ElapsedUS: time.Since(begun).Microseconds(),
	}
	if at.Anchor.Seq > 0 {
		t := at.Anchor.Time.Std()
		m.Time = &t
	}
	return m
}

// respond sends an answer, or says that it is too large for one message.
func (s *Service) respond(r micro.Request, out reply) {
	raw, err := json.Marshal(out)
	if err != nil {
		s.logger.Error("an answer could not be written", "subject", r.Subject(), "err", err)
		s.fail(r, projection.Fail(projection.Internal, "the answer could not be written"))
		return
	}
	if most := s.conn.MaxPayload(); most > 0 && int64(len(raw)) > most {
		s.fail(r, tooLarge(out, len(raw), most))
		return
	}
	s.send(r, raw, nil)
}

// send answers a request. It does not use the request's own methods: they write to what the service reads as soon as the
// handler has returned, which is before the answer is there.
func (s *Service) send(r micro.Request, raw []byte, header nats.Header) {
	if r.Reply() == "" {
		return // nobody waits
	}
	err := s.conn.PublishMsg(&nats.Msg{Subject: r.Reply(), Data: raw, Header: header})
	if err != nil {
		s.logger.Warn("an answer could not be sent", "subject", r.Subject(), "err", err)
	}
}

func tooLarge(out reply, size int, most int64) *projection.QueryError {
	fail := projection.Fail(projection.TooLarge, "the answer has %d bytes, a message holds %d", size, most)
	fail.Details = map[string]any{"bytes": size, "max_bytes": most}
	if p := out.Pagination; p != nil {
		limit := max(1, int(int64(p.Limit)*most/int64(size)*9/10))
		fail.Message += "; ask for smaller pages"
		fail.Details["limit"] = limit
	}
	return fail
}

// fail sends an error: in the service's headers, and as JSON.
func (s *Service) fail(r micro.Request, q *projection.QueryError) {
	raw, err := json.Marshal(map[string]any{"error": q})
	if err != nil {
		raw = []byte(`{"error":{"code":"internal","message":"the error could not be written"}}`)
	}
	s.send(r, raw, nats.Header{micro.ErrorHeader: {q.Message}, micro.ErrorCodeHeader: {string(q.Code)}})
}
