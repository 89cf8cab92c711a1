package eventlog

// content returns what the payload's member holds, out of the two wrappings that stand around a payload as a whole:
// cim-domain's Either, and the bytes of event_data.
func content(body field) (Value, *FieldError) {
	v, err := body.value, (*FieldError)(nil)
	if body.name == "event_data" && !v.IsObject() {
		v, err = bytesOf(v)
	}
	if err == nil {
		v, err = rightOf(v)
	}
	return v, err.InIfAny(body.name)
}

// rightOf unwraps {"kind":"Right","value":…}. A Left is a content address alone, and the event is elsewhere.
func rightOf(v Value) (Value, *FieldError) {
	f, err := fieldsOf(v)
	if err != nil {
		return nil, err
	}
	value := f.get("value")
	if len(f) != 2 || value == nil {
		return v, nil
	}
	switch string(f.get("kind")) {
	case `"Right"`:
		return value, nil
	case `"Left"`:
		return nil, Refuse(CodeUnresolvable, "")
	}
	return v, nil
}

// bytesOf reads the JSON that serde has written as a list of numbers, one for each byte.
func bytesOf(v Value) (Value, *FieldError) {
	var raw []byte
	err := v.Array(func(element Value) *FieldError {
		n, err := element.Uint64()
		switch {
		case err != nil:
			return err
		case n > 255:
			return Refuse(CodeOutOfRange, "")
		}
		raw = append(raw, byte(n))
		return nil
	})
	if err != nil {
		return nil, err
	}
	inner, err := ParseValue(raw)
	if err != nil {
		err.Offset = -1 // it would be of the bytes, not of the body
	}
	return inner, err
}
