package natslog

import (
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
)

func TestParseDelivery(t *testing.T) {
	want := delivery{stream: "EVENTS", consumer: "w-x-1", sequence: 1000, number: 7, time: 1700000000123456789, pending: 42}
	const tail = "EVENTS.w-x-1.1.1000.7.1700000000123456789.42"
	for _, reply := range []string{
		"$JS.ACK." + tail,
		"$JS.ACK._.ACCHASH." + tail,
		"$JS.ACK.hub.ACCHASH." + tail,
		"$JS.ACK.hub.ACCHASH." + tail + ".token",
	} {
		if got, ok := parseDelivery(reply); !ok || got != want {
			t.Errorf("parseDelivery(%q) = %+v, %v, want %+v", reply, got, ok, want)
		}
	}
	for _, reply := range []string{
		"", "$JS.ACK.", "$JS.ACK.EVENTS", "_INBOX.abc.def", "$JS.FC.EVENTS.w.1.2.3.4.5",
		"$JS.ACK.a." + tail,                             // eight fields are neither form
		"$JS.ACK.a.b.c.d." + tail,                       // eleven neither
		"$JS.ACK.EVENTS.w.1.x.7.8.9",                    // not a number
		"$JS.ACK.EVENTS.w.1..7.8.9",                     // nothing
		"$JS.ACK.EVENTS.w.1.-5.7.8.9",                   // signed
		"$JS.ACK.EVENTS.w.1.0.7.8.9",                    // no sequence
		"$JS.ACK.EVENTS.w.1.5.0.8.9",                    // no delivery
		"$JS.ACK.EVENTS.w.1.5.1.99999999999999999999.9", // too long
	} {
		if got, ok := parseDelivery(reply); ok {
			t.Errorf("parseDelivery(%q) = %+v, want it refused", reply, got)
		}
	}
}

// FuzzParseDelivery holds the parser against the client library's.
func FuzzParseDelivery(f *testing.F) {
	f.Add("$JS.ACK.EVENTS.w-x-1.1.1000.7.1700000000123456789.42")
	f.Add("$JS.ACK.hub.ACCHASH.EVENTS.w.1.1000.7.1700000000123456789.42.token")
	f.Add("$JS.ACK.a.b.c")
	f.Fuzz(func(t *testing.T, reply string) {
		got, ok := parseDelivery(reply)
		meta, err := (&nats.Msg{Reply: reply, Sub: new(nats.Subscription)}).Metadata()
		if !ok {
			return
		}
		if err != nil {
			t.Fatalf("parseDelivery(%q) = %+v, and the client library refuses it: %v", reply, got, err)
		}
		if meta.Stream != got.stream || meta.Consumer != got.consumer || meta.Sequence.Stream != got.sequence ||
			meta.Sequence.Consumer != got.number || meta.NumPending != got.pending || !meta.Timestamp.Equal(time.Unix(0, got.time)) {
			t.Fatalf("parseDelivery(%q) = %+v, the client library has %+v", reply, got, meta)
		}
	})
}

func BenchmarkParseDelivery(b *testing.B) {
	reply := "$JS.ACK.EVENTS." + strings.Repeat("w", 30) + ".1.1000000.1000000.1700000000123456789.4200000"
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := parseDelivery(reply); !ok {
			b.Fatal("refused")
		}
	}
}
