package streams

import (
	"fmt"
	"slices"

	"github.com/nats-io/nats.go/jetstream"
)

// wish is what a layout says about one stream.
type wish struct {
	name, description string

	subjects []string // of the stream of events
	origin   string   // of a copy: the stream that it is fed from
	filters  []string // of a copy

	retention jetstream.RetentionPolicy
	storage   jetstream.StorageType
	limits    *Limits
	replicas  int
}

// fed tells whether the stream is a copy.
func (w wish) fed() bool { return w.origin != "" }

// wishes are all streams of a layout, the stream of events first.
func (l Layout) wishes() []wish {
	out := []wish{{
		name: l.Stream, description: "CIM's events, as they were published",
		subjects: l.subjects(), limits: l.Limits, replicas: l.Replicas,
	}}
	for _, d := range l.Domains {
		out = append(out, wish{
			name: d.Name, description: fmt.Sprintf("copies of events of %s, of one domain", l.Stream),
			origin: l.Stream, filters: d.Filters, retention: d.Retention, storage: d.Storage,
			limits: d.Limits, replicas: l.Replicas,
		})
	}
	return out
}

// config is the stream as it should be: what is there with what the layout says written over it.
func (w wish) config(held *jetstream.StreamConfig, replicas int) jetstream.StreamConfig {
	var out jetstream.StreamConfig
	limits := w.limits
	if held != nil {
		out = *held
	} else {
		out = jetstream.StreamConfig{Name: w.name, Description: w.description, Replicas: replicas, AllowDirect: true, AllowAtomicPublish: !w.fed()}
		if limits == nil {
			limits = &Limits{}
		}
	}
	switch {
	case w.fed():
		out.Sources = w.sources(out.Sources)
	case len(out.Subjects) > 0 || len(out.Sources) == 0: // a stream that only others feed is left to them
		out.Subjects = joined(out.Subjects, w.subjects)
	}
	out.Retention, out.Storage = w.retention, w.storage
	if limits != nil {
		limits.put(&out)
	}
	if w.replicas > 0 {
		out.Replicas = w.replicas
	}
	return out
}

// sources is the one source of a copy. What is held is kept where it selects the same, in whatever order.
func (w wish) sources(held []*jetstream.StreamSource) []*jetstream.StreamSource {
	if len(held) == 1 && held[0].Name == w.origin && sameSet(filtersOf(held[0]), w.filters) {
		return held
	}
	source := &jetstream.StreamSource{Name: w.origin}
	if len(w.filters) == 1 {
		source.FilterSubject = w.filters[0]
		return []*jetstream.StreamSource{source}
	}
	// Several sources of one origin would be read side by side, and come out of order. One with several transforms is
	// one reader.
	for _, f := range w.filters {
		source.SubjectTransforms = append(source.SubjectTransforms, jetstream.SubjectTransformConfig{Source: f, Destination: f})
	}
	return []*jetstream.StreamSource{source}
}

// filtersOf are the subjects that a source selects.
func filtersOf(s *jetstream.StreamSource) []string {
	var out []string
	for _, t := range s.SubjectTransforms {
		if t.Source != t.Destination {
			return []string{t.Source + " as " + t.Destination}
		}
		out = append(out, t.Source)
	}
	switch {
	case len(out) > 0:
		return out
	case s.FilterSubject == "":
		return []string{everything}
	}
	return []string{s.FilterSubject}
}

func sameSet(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}
