package eventlog

import (
	"strings"
	"unicode/utf8"
)

// name returns what a producer's name of a type stands for in a domain: the known name that it spells, or else itself
// in snake case. It is false for a name of nothing but prefixes and separators.
//
// entity is what the event is about, squashed, as outer tags, the envelope or the subject say: "added" of a node is
// node_added.
func (d *Decoder) name(domain, entity, text string) (typeName, bool) {
	name := strip(text)
	for {
		if found, ok := d.known(domain, entity, name); ok {
			return found, true
		}
		token, rest, ok := strings.Cut(name, ".")
		if !ok || !d.spells(domain, token) {
			break
		}
		name = rest
	}
	if strings.Trim(name, "._") == "" {
		return typeName{}, false
	}
	return typeName{name, name}, true
}

// known finds a name in a domain, in any spelling: by itself, then as one of the entity's, then without the domain in
// front. Without an entity the name is about the domain's root.
func (d *Decoder) known(domain, entity, text string) (typeName, bool) {
	l, ok := lexicons[domain]
	if !ok {
		return typeName{}, false
	}
	if found, ok := l.exact[text]; ok {
		return found, true
	}
	if entity == "" {
		entity = squash(rootOf(domain))
	}
	var buf [96]byte
	name := strip(text)
	for _, prefix := range [...]string{"", entity} {
		if found, ok := l.squashed[string(appendSquashed(appendSquashed(buf[:0], prefix), name))]; ok {
			return found, true
		}
	}
	if rest, ok := strings.CutPrefix(name, domain+"_"); ok {
		found, ok := l.squashed[string(appendSquashed(buf[:0], rest))]
		return found, ok
	}
	return typeName{}, false
}

// spells tells whether a token in front of a name is the domain itself, and not one of its aggregates.
func (d *Decoder) spells(domain, token string) bool {
	if domain == "" {
		return false
	}
	w, ok := d.word(token)
	return token == domain || ok && w == word{domain, squash(rootOf(domain))}
}

// strip returns a name in snake case without what producers put around it: a leading "event." or "events.", a version
// such as ".v1" behind it, a trailing "_event".
func strip(name string) string {
	if rest, ok := strings.CutPrefix(name, "event."); ok {
		name = rest
	} else if rest, ok := strings.CutPrefix(name, "events."); ok {
		name = rest
	}
	if i := strings.LastIndexByte(name, '.'); i > 0 && isVersion(name[i+1:]) {
		name = name[:i]
	}
	name = snake(name)
	if rest, ok := strings.CutSuffix(name, "_event"); ok && rest != "" {
		name = rest
	}
	return name
}

func isVersion(token string) bool {
	return len(token) > 1 && token[0] == 'v' && strings.Trim(token[1:], "0123456789") == ""
}

// snake turns CamelCase into snake case; dots stay.
func snake(name string) string {
	if strings.IndexFunc(name, isUpper) < 0 {
		return name
	}
	var b strings.Builder
	for i := 0; i < len(name); i++ {
		c := name[i]
		if !isUpper(rune(c)) {
			b.WriteByte(c)
			continue
		}
		if i > 0 && !strings.ContainsRune("_.-", rune(name[i-1])) && !isUpper(rune(name[i-1])) {
			b.WriteByte('_')
		}
		b.WriteByte(c + 'a' - 'A')
	}
	return b.String()
}

func isUpper(r rune) bool { return r >= 'A' && r <= 'Z' }

// squash drops what spellings differ in: case, underscores, hyphens and dots.
func squash(s string) string { return string(appendSquashed(nil, s)) }

func appendSquashed(out []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '_' || c == '-' || c == '.':
		case isUpper(rune(c)):
			out = append(out, c+'a'-'A')
		default:
			out = append(out, c)
		}
	}
	return out
}

// checkText holds text that is not from a checked body to what identifiers may be. "" is absent, which is allowed.
func checkText(s string) Code {
	switch {
	case len(s) > MaxIDBytes:
		return CodeTooLong
	case !utf8.ValidString(s):
		return CodeInvalidUTF8
	}
	return ""
}
