package cli

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/thecowboyai/cim-projector/engine"
)

// story tells people what the demo does and finds.
type story struct {
	w io.Writer
}

func newStory(w io.Writer, silent bool) *story {
	if silent {
		w = io.Discard
	}
	return &story{w: w}
}

func (s *story) say(format string, args ...any) { fmt.Fprintf(s.w, format, args...) }

// inset writes what show writes, three columns to the right.
func (s *story) inset(show func(w io.Writer) error) error {
	var text bytes.Buffer
	if err := show(&text); err != nil {
		return err
	}
	s.say("\n")
	for line := range strings.Lines(text.String()) {
		s.say("%s\n", strings.TrimRight("   "+line, " \n"))
	}
	return nil
}

func (s *story) server(r *demoReport, keep bool) {
	fate := "is removed at the end"
	if keep {
		fate = "is kept"
	}
	s.say("1  A NATS server of its own listens on %s.\n   It stores in %s, which %s.\n", r.URL, r.Data, fate)
}

func (s *story) published(p *published) {
	if p.Messages == 0 {
		s.say("\n2  The stream holds %s from an earlier demo.\n", plural(uint64(p.LastSequence), "message"))
		return
	}
	s.say("\n2  %s are published: a knowledge graph of machine learning is drawn, and reviewed.\n", plural(p.Messages, "message"))
	s.say("   %s are stored, in order; %s came a second time and are dropped by their event id.\n", grouped(p.Stored), grouped(p.Duplicates))
}

func (s *story) projected(r *demoReport) error {
	s.say("\n3  The worker projects them, in %.0f ms.\n", r.ProjectedMS)
	return s.inset(func(w io.Writer) error {
		t := newTable(w, "PROJECTION", "APPLIED UP TO", "DEAD LETTERS", "ANOMALIES", "UNKNOWN TYPES")
		for _, p := range r.Status.Projections {
			t.row(p.Name, grouped(p.AppliedSequence), grouped(p.DeadLetters), grouped(p.Anomalies), grouped(p.UnknownTypes))
		}
		return t.flush()
	})
}

func (s *story) questions() {
	s.say("\n4  Questions are answered over NATS, each from one state at one event.\n")
}

func (s *story) question(q *demoQuestion, data json.RawMessage) error {
	return s.inset(func(w io.Writer) error {
		if string(q.Params) == "{}" {
			fmt.Fprintf(w, "$ projector query %s\n", q.Subject)
		} else {
			fmt.Fprintf(w, "$ projector query %s '%s'\n", q.Subject, q.Params)
		}
		return render(w, data)
	})
}

func (s *story) unapplied(letters, anomalies json.RawMessage) error {
	s.say("\n5  What cannot be read stops nothing: it is kept, whole, with the reason.\n")
	var dead []engine.LetterView
	if err := json.Unmarshal(letters, &dead); err != nil {
		return fmt.Errorf("read the dead letters: %w", err)
	}
	slices.SortStableFunc(dead, func(a, b engine.LetterView) int { return cmp.Compare(a.Sequence, b.Sequence) })
	err := s.inset(func(w io.Writer) error {
		t := newTable(w, "EVENT", "KEPT BY", "SUBJECT", "REASON", "WHERE", "BYTES")
		for _, l := range dead {
			where := l.Field
			if where == "" {
				where = "body"
			}
			t.row(grouped(l.Sequence), l.Projection, l.Subject, l.Code, where, grouped(l.Bytes))
		}
		return t.flush()
	})
	if err != nil {
		return err
	}
	s.say("\n   What can be read but does not fit is applied as far as it means anything, and noted.\n")
	var odd []engine.AnomalyView
	if err := json.Unmarshal(anomalies, &odd); err != nil {
		return fmt.Errorf("read the anomalies: %w", err)
	}
	slices.SortStableFunc(odd, func(a, b engine.AnomalyView) int { return cmp.Compare(a.Sequence, b.Sequence) })
	return s.inset(func(w io.Writer) error {
		t := newTable(w, "EVENT", "NOTED BY", "WHAT", "AT")
		for _, a := range odd {
			t.row(grouped(a.Sequence), a.Projection, a.Code, cropped(oneRow(a.Subject)))
		}
		return t.flush()
	})
}

func (s *story) restarted(r *demoRestart) error {
	s.say("\n7  The worker is stopped, %s, and it is started again from its checkpoint.\n", meanwhile(r.Published.Stored))
	s.say("   It then applies %s, and none twice. Another worker makes the same state in one go:\n",
		plural(r.Applied, "message"))
	return s.inset(func(w io.Writer) error {
		t := newTable(w, "PROJECTION", "EVENT", "STOPPED", "FOUND AGAIN", "EVENT", "CONTINUED", "IN ONE GO")
		for i, stopped := range r.Stopped.Projections {
			continued := r.Continued.Projections[i]
			t.row(stopped.Name, grouped(stopped.Sequence), short(stopped.Digest), short(r.Started.Projections[i].Digest),
				grouped(continued.Sequence), short(continued.Digest), short(r.InOneGo.Projections[i].Digest))
		}
		return t.flush()
	})
}

func meanwhile(n uint64) string {
	if n == 1 {
		return "1 message is published meanwhile"
	}
	return plural(n, "message") + " are published meanwhile"
}

func (s *story) end(serve bool, url string) error {
	if serve {
		at := " --nats " + url
		if url == "nats://127.0.0.1:4222" {
			at = ""
		}
		s.say("\nThe worker stays up. Try, elsewhere: projector status%s\nCtrl-C stops it.\n", at)
		return nil
	}
	_, err := fmt.Fprintln(s.w, "\nEverything held. Keep it running with: projector demo --serve")
	return err
}
