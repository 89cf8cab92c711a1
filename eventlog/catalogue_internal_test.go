package eventlog

import (
	"strings"
	"testing"
)

// TestCatalogueIsUnambiguous holds that no spelling stands for two types, and that no canonical type is another name of
// one.
func TestCatalogueIsUnambiguous(t *testing.T) {
	for domain, types := range catalogue {
		owner := map[string]string{}
		for canonical, others := range types {
			for _, name := range append(strings.Fields(others), canonical) {
				if name != snake(name) || strip(name) != name {
					t.Errorf("%s: %q is not as names are stripped, %q", domain, name, strip(name))
				}
				if other, ok := owner[squash(name)]; ok {
					t.Errorf("%s: %q stands for %s and %s", domain, name, other, canonical)
				}
				owner[squash(name)] = canonical
			}
		}
		for name := range owner {
			if other, ok := owner[squash(rootOf(domain))+name]; ok && other != owner[name] {
				t.Errorf("%s: %q is a name of %s, and short for one of %s", domain, name, owner[name], other)
			}
		}
		if _, ok := standard.word(domain); !ok {
			t.Errorf("%s has types, and is no known domain", domain)
		}
	}
}
