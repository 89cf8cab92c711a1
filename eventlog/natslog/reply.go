package natslog

import "strings"

// delivery is what the server writes into the reply subject of a message that a consumer delivers.
type delivery struct {
	stream   string
	consumer string
	sequence uint64 // in the stream
	number   uint64 // of the delivery, from 1
	time     int64  // when it was stored, in ns
	pending  uint64 // how many messages are behind it
}

const (
	ackPrefix = "$JS.ACK."

	// The fields behind the prefix:
	//
	//	                 stream.consumer.tries.sequence.number.time.pending
	//	domain.account.  stream.consumer.tries.sequence.number.time.pending [.token]
	shortFields = 7
	longFields  = 9
)

// parseDelivery reads a reply subject, and tells whether it is one of a delivery.
func parseDelivery(reply string) (delivery, bool) {
	rest, ok := strings.CutPrefix(reply, ackPrefix)
	if !ok {
		return delivery{}, false
	}
	fields := strings.Count(rest, ".") + 1
	switch {
	case fields == shortFields:
	case fields == longFields || fields == longFields+1:
		_, rest, _ = strings.Cut(rest, ".") // domain
		_, rest, _ = strings.Cut(rest, ".") // account
	default:
		return delivery{}, false
	}
	var d delivery
	d.stream, rest, _ = strings.Cut(rest, ".")
	d.consumer, rest, _ = strings.Cut(rest, ".")
	var numbers [5]uint64 // tries, sequence, number, time, pending
	for i := range numbers {
		var text string
		text, rest, _ = strings.Cut(rest, ".")
		if numbers[i], ok = parseDecimal(text); !ok {
			return delivery{}, false
		}
	}
	d.sequence, d.number, d.time, d.pending = numbers[1], numbers[2], int64(numbers[3]), numbers[4]
	return d, d.sequence > 0 && d.number > 0 && d.time >= 0
}

// parseDecimal reads digits, at most 19 of them: everything that a server writes fits into 63 bits.
func parseDecimal(text string) (uint64, bool) {
	if text == "" || len(text) > 19 {
		return 0, false
	}
	var n uint64
	for i := 0; i < len(text); i++ {
		c := text[i] - '0'
		if c > 9 {
			return 0, false
		}
		n = n*10 + uint64(c)
	}
	return n, true
}
