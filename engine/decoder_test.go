package engine_test

import (
	"testing"

	"github.com/thecowboyai/cim-projector/eventlog"
	"github.com/thecowboyai/cim-projector/eventlog/memlog"
)

// TestSubjectsOfADeployment projects subjects that only a mapping of the deployment's own gives to the projection.
func TestSubjectsOfADeployment(t *testing.T) {
	m := eventlog.DefaultMapping()
	m.Rules = append([]eventlog.Rule{{Subject: "plant.{aggregate}.{type}", Domain: "test"}}, m.Rules...)
	decoder, err := eventlog.NewDecoder(m)
	if err != nil {
		t.Fatal(err)
	}
	log := memlog.New(memlog.Config{})
	for subject, body := range map[string]string{
		"plant.a.started": `{"speed":1}`, "plant.b.started": `{"speed":2}`, "weather.rain": `{"mm":3}`, "plant.c.broken": `{`,
	} {
		if _, err := log.Append(t.Context(), subject, nil, []byte(body)); err != nil {
			t.Fatal(err)
		}
	}

	mapped := config(t, log, newTally("mapped"))
	mapped.Decoder = decoder
	w := start(t, mapped)
	w.waitFor(4, "mapped")
	if got := countsOf(t, w, "mapped"); got.Applied != 2 || got.Undecodable != 1 || got.OtherSubject != 1 {
		t.Errorf("with the mapping: %+v, want 2 applied, 1 undecodable, 1 of another subject", got)
	}

	plain := start(t, config(t, log, newTally("plain")))
	plain.waitFor(4, "plain")
	if got := countsOf(t, plain, "plain"); got.Applied != 0 || got.Seen() != 4 {
		t.Errorf("without it: %+v, want none applied", got)
	}
}
