package eventlog

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
)

import "strings"

// DecoderVersion changes whenever some record, under the same mapping, would become another event. Read models are
// folded from what the decoder made, so a model that was folded under another version is to be folded again.
const DecoderVersion = 1

// Decoder makes canonical events of records. What it makes depends on its mapping and on the record, and on nothing
// else. It never changes, and is safe for concurrent use.
type Decoder struct {
	print  string
	rules  []rule
	words  map[string]word // by squashed spelling: domains and the aggregates that belong to them
	places map[string]place

	subjects []string // as NATS patterns, of the rules that are not foreign
}

// NewDecoder compiles a mapping, whose zero value is CIM's. It fails with everything that is wrong with it.
func NewDecoder(m Mapping) (*Decoder, error) {
	m = m.withDefaults()
	if err := m.Validate(); err != nil {
		return nil, err
	}
	d := &Decoder{print: m.fingerprint(), words: m.words()}
	for _, r := range m.Rules {
		d.rules = append(d.rules, compileRule(r))
		if !r.Foreign {
			d.subjects = append(d.subjects, patternOf(r))
		}
	}
	d.places = d.placesOfKnownTypes()
	return d, nil
}

// standard reads what CIM's producers write.
var standard = func() *Decoder {
	d, err := NewDecoder(Mapping{})
	if err != nil {
		panic("eventlog: the default mapping is not valid: " + err.Error())
	}
	return d
}()

// StandardDecoder returns the decoder with CIM's mapping.
func StandardDecoder() *Decoder { return standard }

// Fingerprint names what the decoder makes of records: its version, and the mapping where that is not CIM's. State that was made
// with another one is another state.
func (d *Decoder) Fingerprint() string {
	if standard == nil || d.print == standard.print {
		return strconv.Itoa(DecoderVersion)
	}
	return strconv.Itoa(DecoderVersion) + "-" + d.print
}

// fingerprint is a hash of everything in a mapping.
func (m Mapping) fingerprint() string {
	raw, err := json.Marshal(m)
	if err != nil {
		panic("eventlog: a mapping cannot be written: " + err.Error())
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:8])
}

// Decode makes the canonical event of a record as the standard decoder does.
func Decode(r *Record) (Event, error) { return standard.Decode(r) }

// Decode makes the canonical event of a record, or a *DecodeError that says why it cannot be one. The package comment
// lists what it accepts.
func (d *Decoder) Decode(r *Record) (e Event, err error) {
	if refused := d.decode(r, &e); refused != nil {
		return Event{}, &DecodeError{Seq: r.Seq, Subject: r.Subject, Field: refused}
	}
	return e, nil
}

func (d *Decoder) decode(r *Record, e *Event) *FieldError {
	body, err := ParseValue(r.Body)
	if err != nil {
		return err
	}
	at := d.locate(r.Subject)
	if !e.document(r, at.domain, body) {
		if *e, err = d.open(r, at, body); err != nil {
			return err
		}
	}
	return e.complete(r, &at)
}

// begin fills in what an event has before its body is read.
func (e *Event) begin(r *Record) {
	e.Seq, e.Time, e.Subject, e.Version = r.Seq, r.Time, r.Subject, 1
}

// complete fills in what the body did not state: from the headers, from the subject, from the broker.
func (e *Event) complete(r *Record, at *place) *FieldError {
	if err := e.fromHeaders(r.Header); err != nil {
		return err
	}
	if e.AggregateID == "" {
		if code := checkText(at.aggregate); code != "" {
			return Refuse(code, "subject")
		}
		e.AggregateID = at.aggregate
	}
	if e.Occurred.IsZero() {
		e.Occurred = r.Time
	}
	return nil
}

// Domain returns the domain that a subject names, or "". It is for records whose body cannot be read.
func (d *Decoder) Domain(subject string) string {
	at := d.locate(subject)
	return at.domain
}

// Unreadable is the last token of CanonicalSubject for a record whose body cannot be read and whose subject names no
// type.
const Unreadable = "unreadable"

// CanonicalSubject returns event.<domain>.<type> as far as a subject tells, for records whose body cannot be read: the
// type is Unreadable where the subject names none. A subject that no rule gives a domain is its own.
func (d *Decoder) CanonicalSubject(subject string) string {
	at := d.locate(subject)
	if at.domain == "" {
		return subject
	}
	kind := Unreadable
	if name, ok := d.name(at.domain, at.entity, at.kind); ok {
		kind = name.canonical
	}
	return canonicalSubject(subject, at.domain, kind)
}

// CanonicalSubject returns event.<domain>.<type>, which is what subscriptions of projections are matched against,
// whatever subject the producer used. An event without a domain keeps its subject.
func CanonicalSubject(e *Event) string { return canonicalSubject(e.Subject, e.Domain, e.Type) }

// canonicalSubject allocates nothing where the subject is canonical already.
func canonicalSubject(subject, domain, kind string) string {
	if domain == "" {
		return subject
	}
	const first = "event."
	n := len(first) + len(domain)
	if len(subject) == n+1+len(kind) && subject[:len(first)] == first && subject[len(first):n] == domain &&
		subject[n] == '.' && subject[n+1:] == kind {
		return subject
	}
	return first + domain + "." + kind
}

// SubjectDomain returns the domain that a subject of the form event.<domain>.<type…> names to the standard decoder, or
// "".
func SubjectDomain(subject string) string {
	if !strings.HasPrefix(subject, "event.") {
		return ""
	}
	return standard.Domain(subject)
}

// CanonicalType returns the canonical type of a producer's name in a domain. "graph.node_created", "NodeCreated",
// "node.added" and "nodeadded" are all node_created in the domain graph. A name of nothing but prefixes and separators,
// which no event may have, stays as it is.
func CanonicalType(domain, name string) string {
	found, ok := standard.name(domain, "", name)
	if !ok {
		return name
	}
	return found.canonical
}
