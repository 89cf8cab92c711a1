package finding_test

import (
	"testing"

	"github.com/thecowboyai/cim-projector/projection/finding"
)

func TestList(t *testing.T) {
	var l finding.List
	if l.Problems() != nil || !l.Wanted() {
		t.Fatalf("nothing was found: %q", l.Problems())
	}
	for i := range finding.Most {
		if more := l.Found("row %d", i); more != (i < finding.Most-1) || l.Wanted() != more {
			t.Errorf("after %d problems more are wanted: %v", i+1, more)
		}
	}
	if l.Found("one more") {
		t.Error("more are wanted than there may be")
	}
	if got := l.Problems(); len(got) != finding.Most || got[0] != "row 0" || got[finding.Most-1] != "row 99" {
		t.Errorf("%d problems: %q", len(got), got)
	}
}
