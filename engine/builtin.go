package engine

import (
	"context"
	"encoding/base64"
	"time"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/projection"
)

// builtin returns what the worker itself answers.
func (s *Service) builtin() []endpoint {
	return []endpoint{
		{subject: "query.projection.status", handle: s.status},
		{subject: "query.projection.verify", handle: s.verify},
		{subject: "query.projection.deadletters", handle: s.deadLetters, past: true},
		{subject: "query.projection.anomalies", handle: s.anomalies, past: true},
		{subject: "cmd.projection.pause", handle: s.pause},
		{subject: "cmd.projection.resume", handle: s.resume},
	}
}

func (s *Service) status(ctx context.Context, _ call) (reply, error) {
	st, err := s.worker.Status(ctx)
	return reply{Data: st}, err
}

func (s *Service) verify(ctx context.Context, _ call) (reply, error) {
	done, err := s.slot(ctx)
	if err != nil {
		return reply{}, err
	}
	defer done()
	v, err := s.worker.Verify(ctx)
	return reply{Data: v}, err
}

// selection is the parameters of commands and of lists over projections.
type selection struct {
	projections []string
	reason      string
	from        eventlog.Seq
}

func parseSelection(c call) (selection, error) {
	var out selection
	err := c.request.Params.Object(func(name string, v eventlog.Value) (err *eventlog.FieldError) {
		if v.IsNull() {
			return nil
		}
		switch name {
		case "projection":
			err = out.add(v)
		case "projections":
			err = v.Array(out.add)
		case "reason":
			out.reason, err = v.Text()
		case "from_sequence":
			var n uint64
			n, err = v.Uint64()
			out.from = eventlog.Seq(n)
		}
		return err.InIfAny(name)
	})
	if err != nil {
		return out, badField(err)
	}
	return out, nil
}

func (p *selection) add(v eventlog.Value) *eventlog.FieldError {
	name, err := v.Text()
	if err == nil {
		p.projections = append(p.projections, name)
	}
	return err
}

// paused is the answer to pause and resume.
type paused struct {
	Projections []ProjectionStatus `json:"projections"`
}

func (s *Service) pause(ctx context.Context, c call) (reply, error) {
	p, err := parseSelection(c)
	if err != nil {
		return reply{}, err
	}
	if p.reason == "" {
		p.reason = "asked for"
	}
	return s.changed(ctx, s.worker.Pause(ctx, p.reason, p.projections...))
}

func (s *Service) resume(ctx context.Context, c call) (reply, error) {
	p, err := parseSelection(c)
	if err != nil {
		return reply{}, err
	}
	return s.changed(ctx, s.worker.Resume(ctx, p.projections...))
}

func (s *Service) changed(ctx context.Context, err error) (reply, error) {
	if err != nil {
		return reply{}, err
	}
	st, err := s.worker.Status(ctx)
	return reply{Data: paused{Projections: st.Projections}}, err
}

// LetterView is a dead letter as it is shown.
type LetterView struct {
	Projection  string            `json:"projection"`
	Sequence    uint64            `json:"sequence"`
	Time        time.Time         `json:"time"`
	Subject     string            `json:"subject"`
	Headers     map[string]string `json:"headers"`
	EventType   *string           `json:"event_type"`
	EventID     *string           `json:"event_id"`
	AggregateID *string           `json:"aggregate_id"`
	Code        eventlog.Code     `json:"code"`
	Field       string            `json:"field"`
	Offset      *int64            `json:"offset"`
	Bytes       int               `json:"bytes"`          // of the whole body
	Original    string            `json:"original_bytes"` // base64 of the body, cut at a limit
}

// shownBytes is how much of a dead letter's body is shown in a list.
const shownBytes = 4096

func viewLetter(name string, l *projection.Letter) LetterView {
	out := LetterView{
		Projection: name, Sequence: uint64(l.Seq), Time: l.Time.Std(), Subject: l.Subject, Headers: map[string]string{},
		EventType: text(l.Type), EventID: text(l.EventID), AggregateID: text(l.AggregateID),
		Code: l.Code, Field: l.Field, Bytes: len(l.Body),
		Original: base64.StdEncoding.EncodeToString(l.Body[:min(len(l.Body), shownBytes)]),
	}
	for _, h := range l.Headers {
		out.Headers[h.Name] = h.Value
	}
	if l.Offset >= 0 {
		out.Offset = &l.Offset
	}
	return out
}

// deadLetters lists what could not be applied, by projection and sequence.
func (s *Service) deadLetters(ctx context.Context, c call) (reply, error) {
	return s.list(ctx, c, func(v *projection.View, from projection.Key, page *pager) {
		v.Letters(from, func(l *projection.Letter) bool {
			if page.wants() {
				page.items = append(page.items, viewLetter(v.Projection().Name(), l))
			}
			return page.next(ctx)
		})
	})
}

// AnomalyView is an anomaly as it is shown.
type AnomalyView struct {
	Projection string `json:"projection"`
	Sequence   uint64 `json:"sequence"`
	Code       string `json:"code"`
	Subject    string `json:"subject"`
}

// anomalies lists what applied events met unexpectedly, by projection and sequence.
func (s *Service) anomalies(ctx context.Context, c call) (reply, error) {
	return s.list(ctx, c, func(v *projection.View, from projection.Key, page *pager) {
		v.Anomalies(from, func(a *projection.AnomalyRow) bool {
			if page.wants() {
				page.items = append(page.items, AnomalyView{v.Projection().Name(), uint64(a.Seq), a.Code, a.Subject})
			}
			return page.next(ctx)
		})
	})
}

// pager counts the items of a list and keeps those of one page.
type pager struct {
	offset, limit int
	seen          int
	items         []any
}

func (p *pager) wants() bool { return p.seen >= p.offset && len(p.items) < p.limit }

// next counts an item, and tells whether there is time to go on.
func (p *pager) next(ctx context.Context) bool {
	p.seen++
	return ctx.Err() == nil
}

func (s *Service) list(ctx context.Context, c call, each func(*projection.View, projection.Key, *pager)) (reply, error) {
	p, err := parseSelection(c)
	if err != nil {
		return reply{}, err
	}
	names, err := s.worker.known(p.projections)
	if err != nil {
		return reply{}, err
	}
	page := &pager{offset: c.request.Offset, limit: c.request.Limit, items: []any{}}
	for _, name := range names {
		if err := s.listOne(ctx, name, c.asOf, projection.Key("").Uint(uint64(p.from)), page, each); err != nil {
			return reply{}, err
		}
	}
	if err := context.Cause(ctx); err != nil {
		return reply{}, err
	}
	return page.reply(), nil
}

// reply is the page as an answer.
func (p *pager) reply() reply {
	out := reply{Data: p.items, Pagination: &pageReply{Offset: p.offset, Limit: p.limit, Total: p.seen}}
	if next := p.offset + p.limit; next < p.seen {
		out.Pagination.Next = &next
	}
	return out
}

func (s *Service) listOne(
	ctx context.Context, name string, at AsOf, from projection.Key, page *pager, each func(*projection.View, projection.Key, *pager),
) error {
	v, done, err := s.viewAt(ctx, name, at)
	if err != nil {
		return err
	}
	defer done()
	each(v, from, page)
	return v.Err()
}

// viewAt opens a projection as it is or as it was, in a slot. The returned func ends both. Making a state of the past does not take
// the place of a question that can be answered now.
func (s *Service) viewAt(ctx context.Context, name string, at AsOf) (*projection.View, func(), error) {
	if at != (AsOf{}) {
		v, err := s.worker.ViewAsOf(ctx, name, at)
		if err != nil {
			return nil, nil, err
		}
		done, err := s.slot(ctx)
		if err != nil {
			v.Close()
			return nil, nil, err
		}
		return v.View, func() { v.Close(); done() }, nil
	}
	done, err := s.slot(ctx)
	if err != nil {
		return nil, nil, err
	}
	v, err := s.worker.View(name)
	if err != nil {
		done()
		return nil, nil, err
	}
	return v, func() { v.Close(); done() }, nil
}
