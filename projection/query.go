package projection

import (
	"context"
	"fmt"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// Querier is a projection that answers questions from its tables.
type Querier interface {
	// Queries returns what it answers. Subjects are of the form "<domain>.<name>"; they are served below "query.".
	Queries() []Query
}

// Query is one kind of question.
type Query struct {
	Subject string // such as "graph.get_node"

	// Answer reads the answer from one view. It is called from several goroutines, each with a view of its own, ends
	// early when ctx does, and returns a *QueryError for what is the asker's to mend. The view's own error need not be
	// returned.
	Answer func(ctx context.Context, v *View, r Request) (Answer, error)
}

// Request is a question as it was asked, whether bare or in CIM's Query envelope.
type Request struct {
	Params eventlog.Value // the parameters: a JSON object
	Offset int            // of the first wanted item of a list
	Limit  int            // of items of a list; never 0
}

// DefaultLimit is the size of a page that nobody stated; MaxLimit the largest that may be asked for.
const (
	DefaultLimit = 50
	MaxLimit     = 10_000
)

// Answer is what a query found. Data is written as JSON.
type Answer struct {
	Data  any
	Total int  // of a list: how many items there are over all pages
	List  bool // Data is one page of a list
}

// QueryCode is a stable word for why a question was not answered.
type QueryCode string

// The codes of errors.
const (
	BadRequest  QueryCode = "bad_request" // the question is not understood
	NotFound    QueryCode = "not_found"   // what was asked for does not exist at this position
	Unavailable QueryCode = "unavailable" // the models do not and will not soon hold what was asked for
	Timeout     QueryCode = "timeout"     // the deadline came first
	Refused     QueryCode = "refused"     // it would be wrong to answer: another history, another state
	TooLarge    QueryCode = "too_large"   // the answer does not fit into one message
	Internal    QueryCode = "internal"    // a fault on this side
)

// QueryError is a question that was not answered. Message is one sentence for people.
type QueryError struct {
	Code    QueryCode      `json:"code"`
	Message string         `json:"message"`
	Details map[string]any `json:"details,omitempty"`
}

// Error returns the message and the code.
func (e *QueryError) Error() string { return fmt.Sprintf("%s (%s)", e.Message, e.Code) }

// Fail makes a QueryError.
func Fail(code QueryCode, format string, args ...any) *QueryError {
	return &QueryError{Code: code, Message: fmt.Sprintf(format, args...)}
}
