package eventlog

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Mapping says what the subjects of a deployment mean. Its zero value is CIM's; a field that is nil is CIM's too. To
// add to it, begin with DefaultMapping.
type Mapping struct {
	// Rules are tried in order; the first that matches a subject decides. A subject that none matches has no domain of
	// its own: the body may still name a known one.
	Rules []Rule

	// Domains are the known domains, each with its other spellings. Case, underscores and hyphens make no difference.
	Domains map[string][]string

	// Aggregates are the kinds of aggregates that stand for a domain: an event of a "node" belongs to "graph", and
	// "added" of a node is node_added.
	Aggregates map[string][]string
}

// Rule reads one family of subjects. A token is literal, or one of
//
//	{domain}     the domain, any token
//	{known}      the domain, only if Domains or Aggregates know the token
//	{aggregate}  the aggregate's id
//	{type}       the type's name; {type...} one token or more
//	{event}      the type's name, only if it is a known one of its domain; {event...} one token or more
//	*            one token that says nothing; > at the end, one or more
type Rule struct {
	Subject string

	// Domain is the domain of all subjects that match, where Subject has none.
	Domain string

	// Foreign says that what matches is no event of any domain, whatever its body says: a command, a query.
	Foreign bool
}

func (m Mapping) withDefaults() Mapping {
	if m.Rules == nil {
		m.Rules = defaultRules()
	}
	if m.Domains == nil {
		m.Domains = defaultDomains()
	}
	if m.Aggregates == nil {
		m.Aggregates = defaultAggregates()
	}
	return m
}

// Validate reports everything that is wrong at once.
func (m Mapping) Validate() error {
	m = m.withDefaults()
	var errs []error
	seen := map[string]int{}
	for i, r := range m.Rules {
		if err := r.check(); err != nil {
			errs = append(errs, fmt.Errorf("eventlog: rule %d, %q: %w", i+1, r.Subject, err))
		}
		if first, ok := seen[r.Subject]; ok {
			errs = append(errs, fmt.Errorf("eventlog: rule %d, %q, is never reached: rule %d is the same",
				i+1, r.Subject, first))
			continue
		}
		seen[r.Subject] = i + 1
	}
	return errors.Join(append(errs, m.checkWords()...)...)
}

// checkWords refuses domains that no subject token can be, and spellings that stand for two.
func (m Mapping) checkWords() []error {
	var errs []error
	owner := map[string]string{}
	for _, part := range []map[string][]string{m.Domains, m.Aggregates} {
		for _, domain := range slices.Sorted(maps.Keys(part)) {
			if !isDomain(domain) {
				errs = append(errs, fmt.Errorf("eventlog: %w", badDomain(domain)))
			}
			for _, spelling := range append([]string{domain}, part[domain]...) {
				if err := take(owner, spelling, domain); err != nil {
					errs = append(errs, fmt.Errorf("eventlog: %w", err))
				}
			}
		}
	}
	return errs
}

// take makes a spelling stand for a domain.
func take(owner map[string]string, spelling, domain string) error {
	key := squash(spelling)
	if key == "" {
		return fmt.Errorf("domain %q has a spelling without a letter, %q", domain, spelling)
	}
	if other, ok := owner[key]; ok && other != domain {
		return fmt.Errorf("%q stands for the domains %q and %q", spelling, other, domain)
	}
	owner[key] = domain
	return nil
}

func badDomain(domain string) error {
	return fmt.Errorf("domain %q is not of lower-case letters, digits and underscores", domain)
}

func isDomain(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789_") == ""
}

// word is what a token, an aggregate type or an outer tag stands for.
type word struct {
	domain string
	entity string // squashed; it makes "added" "nodeadded"
}

func (m Mapping) words() map[string]word {
	out := map[string]word{}
	for domain, kinds := range m.Aggregates {
		for _, kind := range kinds {
			out[squash(kind)] = word{domain, squash(kind)}
		}
	}
	for domain, spellings := range m.Domains {
		for _, spelling := range append(slices.Clone(spellings), domain) {
			out[squash(spelling)] = word{domain, squash(rootOf(domain))}
		}
	}
	return out
}

// word returns what a text stands for, in any spelling.
func (d *Decoder) word(text string) (word, bool) {
	if w, ok := d.words[text]; ok {
		return w, true
	}
	var buf [64]byte
	w, ok := d.words[string(appendSquashed(buf[:0], text))]
	return w, ok
}

// Subjects returns, as NATS patterns, the subjects that the mapping's rules read events from. Events on other subjects are
// understood only as far as their bodies say themselves what they are.
func (d *Decoder) Subjects() []string { return slices.Clone(d.subjects) }

// patternOf returns the NATS pattern of the subjects that a rule matches.
func patternOf(r Rule) string {
	tokens := strings.Split(strings.ReplaceAll(r.Subject, "...}", "}>"), ".")
	for i, t := range tokens {
		switch {
		case strings.HasSuffix(t, "}>"):
			tokens[i] = ">"
		case strings.HasPrefix(t, "{"):
			tokens[i] = "*"
		}
	}
	return strings.Join(tokens, ".")
}
