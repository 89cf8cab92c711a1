package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/thecowboyai/cim-projector/engine"
)

func (a *app) queryCommand() *cobra.Command {
	var least uint64
	var past asOf
	subjects := a.querySubjects()
	cmd := &cobra.Command{
		Use:   "query SUBJECT [JSON|-]",
		Short: "Ask a worker a question",
		Long: `Query asks a running worker, and shows the answer with the event that it is true at. The
parameters are a JSON object, bare or in CIM's Query envelope; - reads them from standard
input. Lists show simple values; --json shows the whole answer. --as-of-seq, --as-of-time and
--snapshot answer from the past: from the newest state at hand before it, and the events since.

Subjects:
  ` + strings.Join(subjects, "\n  "),
		Example: `  projector query graph.list
  projector query graph.get_node '{"graph_id":"ml","node_id":"transformers","include_edges":true}'
  projector query graph.find_nodes '{"graph_id":"ml","filters":[{"ByType":"Concept"}],"pagination":{"limit":10}}'
  projector query graph.list --min-seq 1204 --timeout 10s
  projector query graph.list --as-of-time "2026-11-01 10:30"
  projector query graph.list --snapshot before-import`,
		Args:              count(1, 2, "the subject of the question"),
		ValidArgsFunction: completeFirst(subjects),
	}
	cmd.Flags().Uint64Var(&least, "min-seq", 0, "wait until the models hold the event with this `SEQUENCE`")
	past.flags(cmd.Flags())
	return a.asking(cmd, 5*time.Second, nil, func(ctx context.Context, s *settings, timeout time.Duration, args []string) error {
		if err := past.check(cmd.Flags()); err != nil {
			return err
		}
		more := map[string]any{}
		if least > 0 {
			more["min_sequence"] = least
		}
		if err := past.members(more, time.Now()); err != nil {
			return err
		}
		params, err := a.parameters(ctx, args[1:], more)
		if err != nil {
			return err
		}
		return a.query(ctx, s, timeout, "query."+strings.TrimPrefix(args[0], "query."), params)
	})
}

// completeFirst offers values for the first argument.
func completeFirst(values []string) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return values, cobra.ShellCompDirectiveNoFileComp
	}
}

// parameters reads the parameters and adds what the flags say.
func (a *app) parameters(ctx context.Context, args []string, more map[string]any) ([]byte, error) {
	raw := []byte("{}")
	if len(args) > 0 {
		raw = []byte(args[0])
	}
	if string(raw) == "-" {
		in := a.standardInput(ctx)
		defer in.Close() //nolint:errcheck // it was only read
		var err error
		if raw, err = io.ReadAll(in); err != nil {
			return nil, fmt.Errorf("read the parameters from standard input: %w", err)
		}
	}
	return withMembers(raw, more)
}

// footing is what an answer says about itself.
type footing struct {
	Metadata *struct {
		Sequence uint64       `json:"sequence"`
		Stream   string       `json:"stream"`
		Time     *time.Time   `json:"time"`
		AsOf     *asOfFooting `json:"as_of"`
	} `json:"metadata"`
	Pagination *struct {
		Total int  `json:"total"`
		Next  *int `json:"next"`
	} `json:"pagination"`
}

func (a *app) query(ctx context.Context, s *settings, timeout time.Duration, subject string, params []byte) error {
	answer, err := s.askOnce(ctx, timeout, subject, params)
	if err != nil {
		return err
	}
	if a.json {
		return printRaw(a.Stdout, answer.Raw)
	}
	return printAnswer(a.Stdout, answer)
}

// printAnswer prints an answer for people, with what it is true of.
func printAnswer(w io.Writer, answer engine.Reply) error {
	if err := render(w, answer.Data); err != nil {
		return err
	}
	var foot footing
	if err := json.Unmarshal(answer.Raw, &foot); err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	_, err := io.WriteString(w, foot.text())
	return err
}

func (f *footing) text() string {
	var parts []string
	if p := f.Pagination; p != nil {
		parts = append(parts, plural(p.Total, "item")+" in all")
	}
	if m := f.Metadata; m != nil && m.Sequence == 0 {
		parts = append(parts, "before the first event")
	} else if m != nil {
		parts = append(parts, fmt.Sprintf("as of event %s of %s", grouped(m.Sequence), m.Stream))
	}
	if m := f.Metadata; m != nil && m.AsOf != nil && m.Sequence > 0 {
		if m.Time != nil {
			parts = append(parts, "stored "+clock(*m.Time))
		}
		parts = append(parts, m.AsOf.text())
	}
	if p := f.Pagination; p != nil && p.Next != nil {
		parts = append(parts, fmt.Sprintf(`the next page has "pagination":{"offset":%d}`, *p.Next))
	}
	if len(parts) == 0 {
		return ""
	}
	text := strings.Join(parts, ", ")
	return "\n" + strings.ToUpper(text[:1]) + text[1:] + ".\n"
}
