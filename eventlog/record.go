package eventlog

// Header holds a message's headers: NATS names are case-sensitive, and a name may have several values.
type Header map[string][]string

// Get returns the first value under the exact name, or "".
func (h Header) Get(name string) string {
	if v := h[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// Record is one message as the log holds it, before anything was decoded.
type Record struct {
	Seq     Seq
	Time    Time // when the broker stored it
	Subject string
	Header  Header // nil where the message has none
	Body    []byte
}

// Size is what the record counts for against limits in bytes: subject, headers and body.
func (r *Record) Size() int {
	n := len(r.Subject) + len(r.Body)
	for name, values := range r.Header {
		for _, v := range values {
			n += len(name) + len(v) + 4
		}
	}
	return n
}
