package eventlog

import "strings"

// place is what a subject says.
type place struct {
	domain    string
	entity    string // squashed
	aggregate string
	kind      string // the type's name
	foreign   bool
}

// locate returns what a subject says.
func (d *Decoder) locate(subject string) place {
	if at, ok := d.places[subject]; ok {
		return at
	}
	return d.search(subject)
}

// placesOfKnownTypes holds what is said by the subjects that nearly all events come under, so that it need not be
// searched for.
func (d *Decoder) placesOfKnownTypes() map[string]place {
	out := map[string]place{}
	for domain, types := range catalogue {
		for canonical := range types {
			subject := canonicalSubject("", domain, canonical)
			out[subject] = d.search(subject)
		}
	}
	return out
}

// search returns what the first rule that matches says.
func (d *Decoder) search(subject string) place {
	var buf [12]string
	tokens := splitTokens(buf[:0], subject)
	for i := range d.rules {
		r := &d.rules[i]
		if !r.tokens[0].may(tokens[0]) || len(r.tokens) > 1 && len(tokens) > 1 && !r.tokens[1].may(tokens[1]) {
			continue // nearly all rules end here
		}
		if at, ok := d.match(r, subject, tokens); ok {
			return at
		}
	}
	return place{}
}

// may tells a token apart from other literal text.
func (t *token) may(text string) bool { return t.says != literal || t.text == text }

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

// match reads a subject by a rule.
func (d *Decoder) match(r *rule, subject string, tokens []string) (place, bool) {
	width := len(tokens) - len(r.tokens) + 1 // of the token that stands for several
	if width < 1 || r.rest < 0 && width != 1 {
		return place{}, false
	}
	at := place{domain: r.domain, entity: r.entity, foreign: r.foreign}
	known := false
	for i, n, from := 0, 0, 0; i < len(r.tokens); i++ {
		t := &r.tokens[i]
		text := tokens[n]
		if i == r.rest && width > 1 {
			text = span(subject[from:], tokens[n:n+width])
			n += width - 1
		}
		if text == "" || !d.take(&at, t, text) {
			return place{}, false
		}
		known = known || t.says == aKnownType
		n, from = n+1, from+len(text)+1
	}
	return at, !known || d.takeKnown(&at)
}

// span returns the text of several tokens, or "" if one is empty.
func span(subject string, tokens []string) string {
	n := len(tokens) - 1
	for _, t := range tokens {
		if t == "" {
			return ""
		}
		n += len(t)
	}
	return subject[:n]
}

// take reads one token, and tells whether it matches.
func (d *Decoder) take(at *place, t *token, text string) bool {
	switch t.says {
	case literal:
		return t.text == text
	case aDomain, aKnownDomain:
		w, ok := d.word(text)
		if !ok {
			w.domain = text
		}
		at.domain, at.entity = w.domain, w.entity
		return ok || t.says == aDomain
	case anAggregate:
		at.aggregate = text
	case aType, aKnownType:
		at.kind = text
	}
	return true
}

// takeKnown tells whether the type is a known one of the domain, or of one domain alone where the subject names none.
func (d *Decoder) takeKnown(at *place) bool {
	if at.domain != "" {
		_, ok := d.known(at.domain, at.entity, at.kind)
		return ok
	}
	for _, domain := range domainsOfNames {
		if _, ok := d.known(domain, "", at.kind); !ok {
			continue
		}
		if at.domain != "" {
			return false
		}
		at.domain, at.entity = domain, squash(rootOf(domain))
	}
	return at.domain != ""
}
