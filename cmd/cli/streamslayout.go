package cli

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/spf13/pflag"

	"github.com/thecowboyai/cim-projector/eventlog/streams"
)

// layoutFlags are what plan and apply can be asked for.
type layoutFlags struct {
	subjects  []string
	families  bool
	domains   []string
	graph     string
	limits    string
	replicas  string
	consumers bool
	loss      bool
}

func (f *layoutFlags) add(flags *pflag.FlagSet) {
	flags.StringSliceVar(&f.subjects, "subjects", nil, "further `SUBJECTS` that the stream of events takes")
	flags.BoolVar(&f.families, "families", false, "take the subjects of CIM's other producers too, as run does on its own server")
	flags.StringSliceVar(&f.domains, "domain-streams", nil,
		"the `DOMAINS` to copy into streams of their own: graph, conceptual, system, or all; graph=NAME for another name")
	flags.StringVar(&f.graph, "graph-stream", "copy",
		"the `KIND` of the graph stream: copy, memory, queue (gone once acknowledged), memory-queue")
	flags.StringVar(&f.limits, "limits", "keep", "the `LIMITS`: keep (what is there has, a new stream none), none, document")
	flags.StringVar(&f.replicas, "replicas", "auto", "the `NUMBER` of replicas, or auto: 3 in a cluster of 3 or more, else 1")
	flags.BoolVar(&f.consumers, "with-consumers", false, "make the document's consumers too")
	flags.BoolVar(&f.loss, "accept-loss", false, "let limits drop events that no worker is known to have applied")
}

// layout is what the flags ask for, about the stream of this name.
func (f *layoutFlags) layout(stream string) (streams.Layout, error) {
	out := streams.Layout{
		Stream: stream, Subjects: f.subjects, Families: f.families, Consumers: f.consumers, AcceptLoss: f.loss,
	}
	if f.replicas != "auto" {
		n, err := strconv.Atoi(f.replicas)
		if err != nil || n < 1 {
			return out, wrongUsage("--replicas %q is neither auto nor a number above zero", f.replicas)
		}
		out.Replicas = n
	}
	var err error
	if out.Domains, err = f.domainStreams(); err != nil {
		return out, err
	}
	if err := f.setLimits(&out); err != nil {
		return out, err
	}
	if err := out.Validate(); err != nil {
		return out, wrongUsage("%s", strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	return out, nil
}

// setLimits writes the limits asked for into the layout, whose domains have those of the document.
func (f *layoutFlags) setLimits(l *streams.Layout) error {
	switch f.limits {
	case "document":
		limits := streams.DocumentLimits()
		l.Limits = &limits
		return nil
	case "keep", "none":
		if f.limits == "none" {
			l.Limits = &streams.Limits{}
		}
		for i := range l.Domains {
			l.Domains[i].Limits = l.Limits
		}
		return nil
	}
	return wrongUsage("--limits %q is not one of keep, none, document", f.limits)
}

// domainStreams are the streams that --domain-streams names.
func (f *layoutFlags) domainStreams() ([]streams.Domain, error) {
	all := streams.DocumentDomains()
	var out []streams.Domain
	for _, word := range f.domains {
		kind, name, renamed := strings.Cut(word, "=")
		if word == "all" {
			out = append(out, all...)
			continue
		}
		found := false
		for _, d := range all {
			if d.Kind != kind {
				continue
			}
			if renamed {
				d.Name = name
			}
			out, found = append(out, d), true
		}
		if !found {
			return nil, wrongUsage("--domain-streams %q is not one of graph, conceptual, system, all", word)
		}
	}
	return out, f.setGraph(out)
}

// setGraph makes the graph stream of the kind that --graph-stream says.
func (f *layoutFlags) setGraph(domains []streams.Domain) error {
	memory, queue, err := graphKind(f.graph)
	if err != nil || !memory && !queue {
		return err
	}
	for i := range domains {
		if domains[i].Kind != streams.GraphDomain {
			continue
		}
		if memory {
			domains[i].Storage = jetstream.MemoryStorage
		}
		if queue {
			domains[i].Retention = jetstream.WorkQueuePolicy
		}
		return nil
	}
	return wrongUsage("--graph-stream %s needs the graph stream: add --domain-streams graph", f.graph)
}

func graphKind(text string) (memory, queue bool, err error) {
	switch text {
	case "copy":
	case "memory":
		memory = true
	case "queue":
		queue = true
	case "memory-queue":
		memory, queue = true, true
	default:
		err = wrongUsage("--graph-stream %q is not one of copy, memory, queue, memory-queue", text)
	}
	return memory, queue, err
}

// command is the command line that asks for the same again, with another verb.
func (f *layoutFlags) command(verb string, flags *pflag.FlagSet) string {
	out := "projector streams " + verb
	flags.Visit(func(flag *pflag.Flag) {
		if flag.Name == "json" {
			return
		}
		text := flag.Value.String()
		if list, ok := flag.Value.(pflag.SliceValue); ok {
			text = strings.Join(list.GetSlice(), ",")
		}
		switch {
		case flag.Value.Type() == "bool" && text == "true":
			out += " --" + flag.Name
		case flag.Name == "nats":
			out += " --nats " + maskURLs(text)
		case strings.ContainsAny(text, " \t*>$&|;()'\""):
			out += fmt.Sprintf(" --%s '%s'", flag.Name, strings.ReplaceAll(text, "'", `'\''`))
		default:
			out += " --" + flag.Name + " " + text
		}
	})
	return out
}
