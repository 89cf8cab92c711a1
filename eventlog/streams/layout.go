package streams

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/nats-io/nats.go/jetstream"
)

// maxReplicas is how many copies of a stream a server lets a cluster keep.
const maxReplicas = 5

// Layout says which streams and consumers there should be. The zero value is the stream of events with the document's
// subjects, in files, without limits.
type Layout struct {
	// Stream is the name of the stream of events. "" = DefaultStream.
	Stream string

	// Subjects are taken besides those of the document. What is covered by another subject is left out.
	Subjects []string

	// Families takes the subjects of CIM's other producers as well: see Families.
	Families bool

	// Limits of the stream of events. nil = a stream that is there keeps its own, and a new one has none but the disk.
	Limits *Limits

	// Replicas of every stream. 0 = a stream that is there keeps what it has, and a new one follows the cluster: three
	// where it has three servers or more, otherwise one.
	Replicas int

	// Domains are streams of their own with the events of one domain, fed from the stream of events.
	Domains []Domain

	// Consumers makes the document's durable processor, for monitoring, and its push consumer for user interfaces.
	Consumers bool

	// AcceptLoss lets a limit drop events of which nobody is known to have no need.
	AcceptLoss bool
}

// Domain is a stream that the server fills from the stream of events.
type Domain struct {
	// Kind is a short name of the domain, and Name the stream's.
	Kind, Name string

	// Filters select the events. The order of events is that of the stream of events, whatever their number.
	Filters []string

	// Retention is limits, or work queue for a stream whose events are gone once they are acknowledged.
	Retention jetstream.RetentionPolicy

	// Storage is file, or memory for a stream that a restart of its server removes.
	Storage jetstream.StorageType

	// Limits as those of a Layout.
	Limits *Limits
}

// withDefaults fills in what the zero value stands for.
func (l Layout) withDefaults() Layout {
	if l.Stream == "" {
		l.Stream = DefaultStream
	}
	return l
}

// subjects are all that the stream of events should take.
func (l Layout) subjects() []string {
	out := joined(DocumentSubjects(), l.Subjects)
	if l.Families {
		out = joined(out, familySubjects())
	}
	return out
}

// Validate returns everything that is wrong with the layout in itself, whatever the server.
func (l Layout) Validate() error {
	l = l.withDefaults()
	problems := []error{checkStreamName(l.Stream), l.Limits.validate(l.Stream)}
	if l.Replicas < 0 || l.Replicas > maxReplicas {
		problems = append(problems, fmt.Errorf("streams: %d replicas are not possible; choose 1 to %d, or 0 for what the cluster gives",
			l.Replicas, maxReplicas))
	}
	for _, s := range l.Subjects {
		problems = append(problems, firstProblem(checkPattern(s), func() error { return checkTakable(s) }))
	}
	names := []string{l.Stream}
	for _, d := range l.Domains {
		if slices.Contains(names, d.Name) {
			problems = append(problems, fmt.Errorf("streams: two streams are to be named %s; give one another name", d.Name))
		}
		names = append(names, d.Name)
		problems = append(problems, d.validate())
	}
	return errors.Join(problems...)
}

func (d Domain) validate() error {
	problems := []error{checkStreamName(d.Name), d.Limits.validate(d.Name)}
	if len(d.Filters) == 0 {
		problems = append(problems, fmt.Errorf(
			"streams: domain stream %s has no filter; name the subjects that it should hold", d.Name))
	}
	for _, f := range d.Filters {
		problems = append(problems, checkPattern(f))
	}
	if d.Retention != jetstream.LimitsPolicy && d.Retention != jetstream.WorkQueuePolicy {
		problems = append(problems, fmt.Errorf("streams: domain stream %s cannot have retention %s; choose limits, or work queue",
			d.Name, d.Retention))
	}
	return errors.Join(problems...)
}

// firstProblem returns the first error, and looks for the second only where there is none.
func firstProblem(err error, next func() error) error {
	if err != nil {
		return err
	}
	return next()
}

func checkStreamName(name string) error {
	if name == "" || strings.ContainsAny(name, " \t\r\n.*>/\\") {
		return fmt.Errorf("streams: %q is not the name of a stream; it must not be empty nor hold spaces, dots, wildcards or slashes",
			name)
	}
	return nil
}
