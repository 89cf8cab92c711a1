package engine

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestPace(t *testing.T) {
	const calm = time.Millisecond
	tests := []struct {
		name   string
		before []time.Duration // commits without a fold
		beside []time.Duration // commits beside the fold
		waits  bool
	}{
		{"nothing was committed", nil, nil, false},
		{"nothing was committed beside it", []time.Duration{calm}, nil, false},
		{"commits take what they always do", []time.Duration{calm, calm}, []time.Duration{calm, 2 * calm}, false},
		{"commits take longer", []time.Duration{calm, calm}, []time.Duration{5 * calm}, true},
		{"it is not known what is calm", nil, []time.Duration{5 * calm}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &folder{}
				for _, d := range tt.before {
					f.committed(d)
				}
				f.begin(true)
				for _, d := range tt.beside {
					f.committed(d)
				}
				begun := time.Now()
				f.pace(t.Context())
				if waited := time.Since(begun) > 0; waited != tt.waits {
					t.Errorf("waited %s", time.Since(begun))
				}
				f.begin(false)
				begun = time.Now()
				if f.pace(t.Context()); time.Since(begun) > 0 {
					t.Errorf("the next fold begins with what this one did")
				}
			})
		})
	}
}
