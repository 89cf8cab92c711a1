package eventlog

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// rule is a Rule taken apart.
type rule struct {
	tokens  []string
	rest    int // index of the token that stands for one or more, or -1
	domain  string
	foreign bool
}

func compileRule(r Rule) rule {
	subject := strings.ReplaceAll(r.Subject, "...}", "…}") // so that a dot always ends a token
	out := rule{tokens: strings.Split(subject, "."), domain: r.Domain, foreign: r.Foreign}
	out.rest = slices.IndexFunc(out.tokens, isRest)
	return out
}

func isRest(token string) bool { return token == ">" || strings.HasSuffix(token, "…}") }

// placeholders are the tokens that are not literal, with what they say.
var placeholders = map[string]string{
	"{domain}": "domain", "{known}": "domain", "{aggregate}": "aggregate", "{type}": "type", "{type…}": "type",
	"{event}": "type", "{event…}": "type", "*": "", ">": "",
}

// check reports everything that is wrong with a rule.
func (r Rule) check() error {
	var errs []error
	says, rests := map[string]int{}, 0
	tokens := compileRule(r).tokens
	for i, token := range tokens {
		if err := checkToken(token, i == len(tokens)-1); err != nil {
			errs = append(errs, err)
		}
		says[placeholders[token]]++
		if isRest(token) {
			rests++
		}
	}
	if rests > 1 {
		errs = append(errs, errors.New("more than one token stands for several"))
	}
	for _, what := range []string{"domain", "aggregate", "type"} {
		if says[what] > 1 {
			errs = append(errs, fmt.Errorf("it states the %s %d times", what, says[what]))
		}
	}
	byType := slices.Contains(tokens, "{event}") || slices.Contains(tokens, "{event…}")
	return errors.Join(append(errs, r.checkDomain(says["domain"] > 0, byType))...)
}

func checkToken(token string, last bool) error {
	_, ok := placeholders[token]
	switch {
	case token == "":
		return errors.New("a token is empty")
	case !ok && strings.ContainsAny(token, "{}*>… \t\r\n"):
		return fmt.Errorf("token %q is neither literal nor one of {domain}, {known}, {aggregate}, {type}, {type...}, "+
			"{event}, {event...}, * and >", strings.ReplaceAll(token, "…", "..."))
	case token == ">" && !last:
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

// place is what a subject says.
type place struct {
	domain    string
	entity    string // squashed
	aggregate string
	kind      string // the type's name
	foreign   bool
}

// locate returns what the first rule that matches says.
func (d *Decoder) locate(subject string) place {
	var buf [12]string
	tokens := splitTokens(buf[:0], subject)
	for i := range d.rules {
		if at, ok := d.match(&d.rules[i], subject, tokens); ok {
			return at
		}
	}
	return place{}
}

func splitTokens(out []string, subject string) []string {
	for {
		i := strings.IndexByte(subject, '.')
		if i < 0 {
			return append(out, subject)
		}
		out = append(out, subject[:i])
		subject = subject[i+1:]
	}
}

// match reads a subject by a rule. Known types are looked up last, when the domain is known.
func (d *Decoder) match(r *rule, subject string, tokens []string) (at place, ok bool) {
	width := 1 // of the token that stands for several
	if r.rest >= 0 {
		width = len(tokens) - len(r.tokens) + 1
	}
	if width < 1 || r.rest < 0 && len(tokens) != len(r.tokens) {
		return at, false
	}
	at = place{domain: r.domain, foreign: r.foreign}
	if r.domain != "" {
		at.entity = rootOf(r.domain)
	}
	known, from := false, 0 // from: where the rest of the subject begins
	for i, n := 0, 0; i < len(r.tokens); i++ {
		took := 1
		if i == r.rest {
			took = width
		}
		text := tokens[n]
		for _, more := range tokens[n+1 : n+took] {
			if more == "" {
				return at, false
			}
			text = subject[from : from+len(text)+1+len(more)]
		}
		if text == "" || !d.take(&at, r.tokens[i], text) {
			return at, false
		}
		known = known || r.tokens[i] == "{event}" || r.tokens[i] == "{event…}"
		n, from = n+took, from+len(text)+1
	}
	return at, !known || d.takeEvent(&at)
}

// take reads one token, and tells whether it matches.
func (d *Decoder) take(at *place, pattern, text string) bool {
	switch pattern {
	case "{domain}", "{known}":
		w, ok := d.word(text)
		if !ok {
			w.domain = text
		}
		at.domain, at.entity = w.domain, w.entity
		return ok || pattern == "{domain}"
	case "{aggregate}":
		at.aggregate = text
	case "{type}", "{type…}", "{event}", "{event…}":
		at.kind = text
	case "*", ">":
	default:
		return pattern == text
	}
	return true
}

// takeEvent tells whether the type is a known one of the domain, or of one domain alone where the subject names none.
func (d *Decoder) takeEvent(at *place) bool {
	if at.domain != "" {
		_, ok := d.known(at.domain, at.entity, at.kind)
		return ok
	}
	for _, domain := range domainsOfNames {
		if _, ok := d.known(domain, "", at.kind); ok {
			if at.domain != "" {
				return false
			}
			at.domain, at.entity = domain, rootOf(domain)
		}
	}
	return at.domain != ""
}
