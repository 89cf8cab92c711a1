package streams

import (
	"fmt"
	"strings"

	"github.com/nats-io/nats.go/jetstream"
)

// The server's error codes, of the refusals that can be foreseen.
const (
	codeConsumerCreate   jetstream.ErrorCode = 10012
	codeMemoryExceeded   jetstream.ErrorCode = 10028
	codeMirrorSubjects   jetstream.ErrorCode = 10034
	codeSourceMaxMsgSize jetstream.ErrorCode = 10046
	codeStorageExceeded  jetstream.ErrorCode = 10047
	codeInvalidConfig    jetstream.ErrorCode = 10052
	codeNameInUse        jetstream.ErrorCode = 10058
	codeSubjectsOverlap  jetstream.ErrorCode = 10065
	codeNotClustered     jetstream.ErrorCode = 10074
	codeDeliverCycle     jetstream.ErrorCode = 10081
	codeMaxBytesRequired jetstream.ErrorCode = 10113
	codeMaxStreamBytes   jetstream.ErrorCode = 10122
	codeSourcesOverlap   jetstream.ErrorCode = 10147
)

const nameInUse = "stream name already in use"

// refuseForeign refuses a stream of the same name that is something else.
func (i *Item) refuseForeign(w wish, held *jetstream.StreamConfig) {
	switch {
	case w.fed() && len(held.Subjects) > 0:
		i.refuse(codeNameInUse, nameInUse, "%s takes %s itself, it is no copy of %s: give the domain stream another name",
			w.name, strings.Join(held.Subjects, ", "), w.origin)
	case w.fed() && (len(held.Sources) != 1 || held.Sources[0].Name != w.origin || held.Sources[0].External != nil):
		i.refuse(codeNameInUse, nameInUse, "%s is not fed from %s of this account alone: give the domain stream another name",
			w.name, w.origin)
	case held.Mirror != nil:
		i.refuse(codeMirrorSubjects, "stream mirrors can not contain subjects",
			"%s is a mirror of %s, which only copies: name the stream that is published to with --stream", w.name, held.Mirror.Name)
	case !w.fed() && len(held.Subjects) > 0 && !anyCollides(held.Subjects, w.subjects):
		i.refuse(codeNameInUse, nameInUse, "%s takes %s and nothing that is asked for: choose another name with --stream, "+
			"or name these with --subjects if they are the events", w.name, strings.Join(held.Subjects, ", "))
	}
}

func anyCollides(a, b []string) bool {
	for _, s := range b {
		if collidesWith(a, s) {
			return true
		}
	}
	return false
}

// refuseTypes refuses what a server never changes.
func (i *Item) refuseTypes(held *jetstream.StreamConfig, to jetstream.StreamConfig) {
	if held == nil {
		return
	}
	const queue = jetstream.WorkQueuePolicy
	if held.Retention != to.Retention && (held.Retention == queue || to.Retention == queue) {
		instead := "make a stream of another name with the retention that is wanted"
		if held.Retention == queue && len(to.Subjects) > 0 {
			instead = fmt.Sprintf("%s keeps no history, what is acknowledged is gone: let its consumers finish, delete it, "+
				"and apply again; the work queue can then be a copy of the stream of events", to.Name)
		}
		i.refuse(codeInvalidConfig, "stream configuration update can not change retention policy to/from workqueue", "%s", instead)
	}
	if held.Storage != to.Storage {
		i.refuse(codeInvalidConfig, "stream configuration update can not change storage type",
			"%s is stored in %s: make a stream of another name, or delete this one if what it holds may go, and apply again",
			to.Name, PolicyText(held.Storage))
	}
}

// refuseDiscard refuses policies that do not go together.
func (i *Item) refuseDiscard(w wish, held *jetstream.StreamConfig, to jetstream.StreamConfig) {
	if held != nil && held.DiscardNewPerSubject && to.Discard != jetstream.DiscardNew {
		i.refuse(codeInvalidConfig, "discard new per subject requires discard new policy to be set",
			"%s refuses new events of a subject that is full: turn that off first, with: nats stream edit %s "+
				"--discard old --no-discard-per-subject", to.Name, to.Name)
	}
	if w.fed() && to.Discard == jetstream.DiscardNew {
		i.refuse(0, "a copy that refuses events when it is full stays behind its origin from then on",
			"let %s discard the oldest; %s still holds them", to.Name, w.origin)
	}
}

// refuseReplicas refuses several replicas where there is one server.
func (c *comparison) refuseReplicas(i *Item, to jetstream.StreamConfig) {
	if to.Replicas > 1 && !c.state.Clustered {
		i.refuse(codeNotClustered, "replicas > 1 not supported in non-clustered mode",
			"this is a single server, which can keep one copy: use --replicas 1 or --replicas auto, or a cluster")
	}
}

// refuseSubjects refuses subjects that overlap, within the stream or with another one.
func (c *comparison) refuseSubjects(i *Item, to jetstream.StreamConfig) {
	if a, b, found := overlap(to.Subjects); found {
		i.refuse(codeInvalidConfig, fmt.Sprintf("subject %q overlaps with %q", a, b),
			"some subjects match both: change the one that %s takes already, or ask for another", to.Name)
	}
	for _, other := range c.state.Streams {
		if other.Config.Name == to.Name {
			continue
		}
		var shared []string
		for _, s := range other.Config.Subjects {
			if collidesWith(to.Subjects, s) {
				shared = append(shared, s)
			}
		}
		if len(shared) > 0 {
			i.refuse(codeSubjectsOverlap, "subjects overlap with an existing stream", "%s", overlapAdvice(to.Name, other, shared))
		}
	}
}

// overlapAdvice says what can be done about a stream that takes the same subjects.
func overlapAdvice(name string, other *jetstream.StreamInfo, shared []string) string {
	taken := fmt.Sprintf("%s takes %s, and one stream can own a subject: ", other.Config.Name, strings.Join(shared, ", "))
	edit := fmt.Sprintf("take these subjects off it with nats stream edit %s --subjects, and feed it from %s as a domain stream",
		other.Config.Name, name)
	if len(shared) == len(other.Config.Subjects) {
		edit = fmt.Sprintf("delete it once what it holds is in %s or not needed, and feed it anew from %s as a domain stream",
			name, name)
	}
	if _, err := Check(other); err == nil {
		return taken + edit + "; or project that stream itself, with --stream " + other.Config.Name
	}
	return taken + edit
}
