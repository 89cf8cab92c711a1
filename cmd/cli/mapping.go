package cli

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"

	"github.com/goccy/go-yaml"

	"github.com/thecowboyai/cim-projector/eventlog"
)

// mappingFile is what a file of subjects says: rules that go before CIM's own, and further spellings of domains and kinds of
// aggregates.
type mappingFile struct {
	Rules []struct {
		Subject string `yaml:"subject"`
		Domain  string `yaml:"domain"`
		Foreign bool   `yaml:"foreign"`
	} `yaml:"rules"`
	Domains    map[string][]string `yaml:"domains"`
	Aggregates map[string][]string `yaml:"aggregates"`
}

// readSubjects returns the decoder that a file asks for, or the standard one where no file is named.
func readSubjects(path string) (*eventlog.Decoder, error) {
	if path == "" {
		return eventlog.StandardDecoder(), nil
	}
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, notFound("there is no file %s, which --mapping names", path)
	}
	if err != nil {
		return nil, err
	}
	var file mappingFile
	err = yaml.NewDecoder(bytes.NewReader(raw), yaml.Strict()).Decode(&file)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, wrongUsage("%s: %s", path, yaml.FormatError(err, false, false))
	}
	decoder, err := eventlog.NewDecoder(file.over(eventlog.DefaultMapping()))
	if err != nil {
		return nil, wrongUsage("%s: %s", path, err)
	}
	return decoder, nil
}

// over adds what the file says to a mapping.
func (f *mappingFile) over(m eventlog.Mapping) eventlog.Mapping {
	var rules []eventlog.Rule
	for _, r := range f.Rules {
		rules = append(rules, eventlog.Rule{Subject: r.Subject, Domain: r.Domain, Foreign: r.Foreign})
	}
	m.Rules = append(rules, m.Rules...)
	m.Domains = joinLists(m.Domains, f.Domains)
	m.Aggregates = joinLists(m.Aggregates, f.Aggregates)
	return m
}

func joinLists(a, b map[string][]string) map[string][]string {
	out := map[string][]string{}
	for _, lists := range []map[string][]string{a, b} {
		for name, list := range lists {
			out[name] = append(out[name], list...)
		}
	}
	return out
}
