package eventlog

// maxLayers is how many envelopes and tags may stand around an event. CIM's producers have four at most.
const maxLayers = 8

// opening takes a body apart, layer by layer, until it stands before the fields of the event. It is the one description
// of what is accepted; document is a shortcut through it.
type opening struct {
	d      *Decoder
	e      *Event
	at     *place
	header Header

	aggregateType string // stated by an envelope
	domain        string
	family        string // the outer tag, which names a domain or a kind of aggregate
	layers        int
}

// open reads any body.
func (d *Decoder) open(r *Record, at place, body Value) (Event, *FieldError) {
	var e Event
	e.begin(r)
	o := opening{d: d, e: &e, at: &at, header: r.Header}
	if err := o.open(body); err != nil {
		return Event{}, err
	}
	return e, nil
}

// open reads a body, or what an outer layer holds.
func (o *opening) open(v Value) *FieldError {
	if o.layers++; o.layers > maxLayers {
		return Refuse(CodeTooDeep, "")
	}
	f, err := fieldsOf(v)
	if err != nil {
		return err
	}
	switch shapeOf(v, f) {
	case typed:
		return o.typed(f)
	case untyped:
		return o.untyped(f)
	case flat:
		return o.flat(v, f)
	case tagged:
		tag, content, _ := tagOf(v, f)
		return o.tagged(tag, content)
	case fieldsAlone:
		return o.fieldsAlone(v, f)
	}
	return Refuse(CodeNoEnvelope, "")
}

// typed reads an envelope that names the type.
func (o *opening) typed(f fields) *FieldError {
	if err := o.envelope(f); err != nil {
		return err
	}
	kind := f.first("event_type")
	if kind.value == nil {
		kind = f.first("type")
	}
	name, qualified, err := typeText(kind.value)
	if err != nil {
		return err.In(kind.name)
	}
	payload, err := content(f.first(typedBodies...))
	if err != nil {
		return err
	}
	if qualified {
		payload = dataOf(payload)
	}
	return o.settle(kind.name, name, o.unwrap(name, payload))
}

// typeText returns a type's name: a string, or a variant around one, as in {"Lifecycle":"WorkflowCreated"}.
func typeText(v Value) (name string, qualified bool, err *FieldError) {
	f, err := fieldsOf(v)
	if err != nil {
		return "", false, err
	}
	if len(f) == 1 && isTag(f[0].name) {
		v, qualified = f[0].value, true
	}
	name, err = v.ID()
	return name, qualified, err
}

// dataOf returns the payload of an event of the algebra of cim-domain-workflow, which is beside metadata of its own.
func dataOf(payload Value) Value {
	if f, err := fieldsOf(payload); err == nil && f.get("data") != nil {
		return f.get("data")
	}
	return payload
}

// unwrap takes the tag off a payload that has one although the envelope names the type, if both say the same. A payload
// with another tag is a payload.
func (o *opening) unwrap(name string, payload Value) Value {
	f, err := fieldsOf(payload)
	if err != nil || !payload.IsObject() {
		return payload
	}
	tag, inside, ok := tagOf(payload, f)
	if !ok {
		return payload
	}
	family := o.family
	if inner, err := fieldsOf(inside); err == nil && o.isFamily(tag) {
		if innerTag, innermost, ok := tagOf(inside, inner); ok {
			o.family, tag, inside = tag, innerTag, innermost
		}
	}
	stated, ok := o.nameOf(name)
	found, same := o.nameOf(tag)
	if ok && same && found.canonical == stated.canonical {
		return inside
	}
	o.family = family
	return payload
}

// untyped reads an envelope whose type is inside its payload, or outside the body.
func (o *opening) untyped(f fields) *FieldError {
	if err := o.envelope(f); err != nil {
		return err
	}
	body := f.untypedBody()
	payload, err := content(body)
	if err != nil {
		return err
	}
	if v := payloadType(f); v != nil {
		name, err := v.ID()
		if err != nil {
			return err.In("payload_metadata.payload_type")
		}
		return o.settle("payload_metadata.payload_type", name, o.unwrap(name, payload))
	}
	inner, err := fieldsOf(payload)
	if err != nil {
		return err.In(body.name)
	}
	if payload.IsObject() && inner.get("event_type") == nil && !carries(payload, inner) {
		return o.outside(payload)
	}
	err = o.open(payload)
	if err != nil && err.Code == CodeNoEnvelope {
		return err // of the whole
	}
	return err.InIfAny(body.name)
}

// payloadType returns the type that cim-domain states beside the payload, or nil where it is "".
func payloadType(f fields) Value {
	beside, err := fieldsOf(f.get("payload_metadata"))
	if v := beside.get("payload_type"); err == nil && !v.IsNull() && string(v) != `""` {
		return v
	}
	return nil
}

// carries tells whether there is a type inside a value.
func carries(v Value, f fields) bool {
	s := shapeOf(v, f)
	return s != noShape && s != fieldsAlone
}

// flat reads an object that holds its type beside its fields. The fields are the object, or the one member that is
// named after the type.
func (o *opening) flat(v Value, f fields) *FieldError {
	name, err := f.get("type").ID()
	if err != nil {
		return err.In("type")
	}
	if o.layers == 1 {
		if err := o.own(f); err != nil {
			return err
		}
	}
	if len(f) == 2 {
		for _, m := range f {
			if m.name != "type" && m.value.IsObject() && squash(m.name) == squash(name) {
				v = m.value
			}
		}
	}
	return o.settle("type", name, v)
}

// tagged reads a variant. A family's holds another one, or anything else that carries a type:
// {"Node":{"NodeAdded":{}}}.
func (o *opening) tagged(tag string, inside Value) *FieldError {
	if o.isFamily(tag) {
		f, err := fieldsOf(inside)
		if err != nil {
			return err.In(tag)
		}
		if carries(inside, f) {
			o.family = tag
			return o.open(inside).InIfAny(tag)
		}
	}
	return o.settle("", tag, inside)
}

func (o *opening) isFamily(tag string) bool {
	_, ok := o.d.word(tag)
	return ok
}

// fieldsAlone reads a body that is nothing but the fields.
func (o *opening) fieldsAlone(v Value, f fields) *FieldError {
	if err := o.own(f); err != nil {
		return err
	}
	return o.outside(v)
}

// outside takes the type from a header, or else from the subject.
func (o *opening) outside(payload Value) *FieldError {
	name, from := o.at.kind, "subject"
	if stated := o.header.first(typeHeaders...); stated.value != "" {
		name, from = stated.value, "headers."+stated.name
	}
	if name == "" {
		return Refuse(CodeNoEnvelope, "")
	}
	if code := checkText(name); code != "" {
		return Refuse(code, from)
	}
	return o.settle(from, name, payload)
}

// settle completes what the body says: the fields are found, and the type has a name.
func (o *opening) settle(from, name string, payload Value) *FieldError {
	found, ok := o.nameOf(name)
	if !ok {
		return Refuse(CodeEmptyID, from)
	}
	o.e.Domain = o.domainOf()
	o.e.Name, o.e.Type = found.name, found.canonical
	o.e.Payload = payload
	return nil
}

// nameOf resolves a producer's name with everything that is known by now. What stands closest to the event says what it
// is about, if that belongs to the event's domain.
func (o *opening) nameOf(name string) (typeName, bool) {
	domain := o.domainOf()
	for _, text := range [...]string{o.family, o.aggregateType} {
		if w, ok := o.d.word(text); ok && w.domain == domain {
			return o.d.name(domain, w.entity, name)
		}
	}
	if o.at.domain == domain {
		return o.d.name(domain, o.at.entity, name)
	}
	return o.d.name(domain, "", name)
}

// domainOf returns the domain: the subject's, or else the first known one that the envelope, a header or the outer tag
// names.
func (o *opening) domainOf() string {
	if o.at.domain != "" || o.at.foreign {
		return o.at.domain
	}
	for _, text := range [...]string{o.domain, o.aggregateType, o.header.Get("Cim-Graph-Type"), o.family} {
		if w, ok := o.d.word(text); ok {
			return w.domain
		}
	}
	return ""
}
