package streams_test

import (
	"strings"
	"testing"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/eventlog/streams"
)

// TestTrap13SubjectsOfAStream looks at what streams of the expected name may take in the wild.
func TestTrap13SubjectsOfAStream(t *testing.T) {
	custom := eventlog.DefaultMapping()
	custom.Rules = append([]eventlog.Rule{{Subject: "shop.orders.{type}", Domain: "orders"}}, custom.Rules...)
	mapped, err := eventlog.NewDecoder(custom)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		subjects []string
		decoder  *eventlog.Decoder
		unread   []string
	}{
		{[]string{"event.>", "graph.events.>", "local.cim.graph.g1"}, eventlog.StandardDecoder(), nil},
		{[]string{">"}, eventlog.StandardDecoder(), nil},
		{[]string{"event.graph.*", "shop.>", "query.graph.>"}, eventlog.StandardDecoder(), []string{"shop.>", "query.graph.>"}},
		{[]string{"shop.orders.*", "shop.carts"}, mapped, []string{"shop.carts"}},
	}
	for _, tt := range tests {
		got := streams.Unread("CIM_EVENTS", tt.subjects, tt.decoder)
		if len(got) != len(tt.unread) {
			t.Errorf("%v: %q, want a warning for each of %v", tt.subjects, got, tt.unread)
			continue
		}
		for i, s := range tt.unread {
			if !strings.HasPrefix(got[i], "stream CIM_EVENTS takes "+s+",") {
				t.Errorf("%v: %q, want it to be about %s", tt.subjects, got[i], s)
			}
		}
	}
}
