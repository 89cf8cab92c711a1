package eventlog

import (
	"errors"
	"fmt"
	"strings"
)

// rule is a Rule taken apart.
type rule struct {
	tokens  []token
	rest    int // index of the token that stands for one or more, or -1
	domain  string
	entity  string // of the domain
	foreign bool
}

// token is one of a rule's: literal text, or what its place in a subject says.
type token struct {
	text string
	says meaning
}

// meaning is what a token of a subject says.
type meaning uint8

const (
	literal meaning = iota
	nothing
	aDomain
	aKnownDomain
	anAggregate
	aType
	aKnownType
)

// placeholders are the tokens that are not literal. An ellipsis stands for its three dots, so that a dot always ends a
// token.
var placeholders = map[string]meaning{
	"*": nothing, ">": nothing, "{domain}": aDomain, "{known}": aKnownDomain, "{aggregate}": anAggregate,
	"{type}": aType, "{type…}": aType, "{event}": aKnownType, "{event…}": aKnownType,
}

func compileRule(r Rule) rule {
	out := rule{rest: -1, domain: r.Domain, foreign: r.Foreign}
	if r.Domain != "" {
		out.entity = squash(rootOf(r.Domain))
	}
	for i, text := range strings.Split(strings.ReplaceAll(r.Subject, "...}", "…}"), ".") {
		out.tokens = append(out.tokens, token{text, placeholders[text]})
		if isRest(text) {
			out.rest = i
		}
	}
	return out
}

func isRest(text string) bool { return text == ">" || strings.HasSuffix(text, "…}") }

// check reports everything that is wrong with a rule.
func (r Rule) check() error {
	var errs []error
	var domains, aggregates, types, known, rests int
	tokens := compileRule(r).tokens
	for i, t := range tokens {
		if err := t.check(i == len(tokens)-1); err != nil {
			errs = append(errs, err)
		}
		switch t.says {
		case aDomain, aKnownDomain:
			domains++
		case anAggregate:
			aggregates++
		case aKnownType:
			known++
			types++
		case aType:
			types++
		}
		if isRest(t.text) {
			rests++
		}
	}
	if max(domains, aggregates, types) > 1 {
		errs = append(errs, errors.New("it states the domain, the aggregate or the type more than once"))
	}
	if rests > 1 {
		errs = append(errs, errors.New("more than one token stands for several"))
	}
	return errors.Join(append(errs, r.checkDomain(domains > 0, known > 0))...)
}

func (t token) check(last bool) error {
	switch {
	case t.text == "":
		return errors.New("a token is empty")
	case t.says == literal && strings.ContainsAny(t.text, "{}*>… \t\r\n"):
		return fmt.Errorf("token %q is neither literal nor one of {domain}, {known}, {aggregate}, {type}, {type...}, "+
			"{event}, {event...}, * and >", strings.ReplaceAll(t.text, "…", "..."))
	case t.text == ">" && !last:
		return errors.New("> stands only at the end")
	}
	return nil
}

// checkDomain holds a rule to one source of the domain. A known type says its domain itself.
func (r Rule) checkDomain(stated, byType bool) error {
	switch {
	case r.Foreign && (stated || r.Domain != ""):
		return errors.New("what is foreign has no domain")
	case r.Foreign:
		return nil
	case stated && r.Domain != "":
		return errors.New("it states the domain and is given one")
	case !stated && !byType && r.Domain == "":
		return errors.New("it states no domain and is given none; give one, or say that it is foreign")
	case r.Domain != "" && !isDomain(r.Domain):
		return badDomain(r.Domain)
	}
	return nil
}
