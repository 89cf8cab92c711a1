package natslog

import "fmt"

// window keeps the books of the pull requests that wait at the server. Two overlap, so that the server always has one while
// the other is used up. The server counts a message with its subject, reply subject, headers and body, and says what
// was left of a request that it ends early: so what it still may send is known to the byte.
type window struct {
	batch    int    // messages per request
	bytes    int    // bytes per request
	left     uint64 // messages that may be asked for in all; a bounded cursor needs no more than it has sequences
	asked    int    // messages asked for and not yet delivered or given back
	askedFor int    // the same in bytes
	oversize bool   // the next message is larger than a request's bytes: it is asked for alone, without that limit
}

// pull is one request to send.
type pull struct {
	messages int
	bytes    int // 0 = without limit
}

// body is the request as the server reads it.
func (p pull) body(heartbeat int64) []byte {
	limit := ""
	if p.bytes > 0 {
		limit = fmt.Sprintf(`,"max_bytes":%d`, p.bytes)
	}
	return fmt.Appendf(nil, `{"batch":%d%s,"expires":%d,"idle_heartbeat":%d}`, p.messages, limit, int64(pullExpiry), heartbeat)
}

// next returns the request to send now, if there is one, and counts it as sent. messages and bytes are what was received
// and not yet taken by the reader.
func (w *window) next(messages, bytes int) (pull, bool) {
	switch {
	case w.left == 0, w.asked+messages > w.batch, w.askedFor+bytes > w.bytes:
		return pull{}, false
	case w.oversize && (w.asked > 0 || messages > 0):
		return pull{}, false
	}
	p := pull{messages: int(min(uint64(w.batch), w.left)), bytes: w.bytes}
	if w.oversize {
		p = pull{messages: 1}
	}
	w.asked += p.messages
	w.askedFor += p.bytes
	w.left -= uint64(p.messages)
	return p, true
}

// received counts one message that the server sent.
func (w *window) received(size int) {
	w.asked--
	if w.oversize {
		w.oversize = false
		return
	}
	w.askedFor -= size
	w.settle()
}

// ended counts what the server gives back of a request that it ends.
func (w *window) ended(messages, bytes int, refused bool) {
	w.asked -= messages
	w.askedFor -= bytes
	w.left += uint64(messages)
	w.settle()
	if refused && bytes >= w.bytes {
		w.oversize = true // not even a whole request has room for the next message
	}
}

// settle closes the books when no byte is outstanding: a request whose bytes are used up to the last ends without a word,
// and what is left of its messages will not be sent.
func (w *window) settle() {
	if w.askedFor <= 0 {
		w.left += uint64(max(w.asked, 0))
		w.asked, w.askedFor = 0, 0
	}
}
