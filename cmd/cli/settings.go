package cli

import (
	"errors"
	"fmt"
	"log/slog"
	"strconv"

	"github.com/spf13/pflag"
)

// settings are the effective values of what a command takes.
type settings struct {
	values []*value
	file   string // that --config names, "" for none
}

// resolve finds the effective value of each of these settings, and reports every wrong one at once.
func (a *app) resolve(flags *pflag.FlagSet, wanted []setting) (*settings, error) {
	out := &settings{file: a.configFile(flags)}
	var file map[string]entry
	if out.file != "" {
		var err error
		if file, err = readConfigFile(out.file); err != nil {
			return nil, err
		}
	}
	var problems []error
	for _, s := range wanted {
		v := a.effective(s, flags, file, out.file)
		if err := v.verify(); err != nil {
			problems = append(problems, v.problem(err))
		}
		out.values = append(out.values, v)
	}
	if err := out.excludeOne("nats", "context"); err != nil {
		problems = append(problems, err)
	}
	if len(problems) > 0 {
		return nil, wrongUsage("%w", oneLine(problems))
	}
	return out, nil
}

func (a *app) configFile(flags *pflag.FlagSet) string {
	if f := flags.Lookup(configFlag); f != nil && f.Changed {
		return f.Value.String()
	}
	path, _ := a.LookupEnv("PROJECTOR_CONFIG")
	return path
}

// effective looks for a setting where it may come from, the nearest first. A variable that is empty is not set.
func (a *app) effective(s setting, flags *pflag.FlagSet, file map[string]entry, path string) *value {
	if f := flags.Lookup(s.name); f != nil && f.Changed {
		return &value{s, f.Value.String(), "--" + s.name, byFlag}
	}
	for _, name := range []string{s.variable(), s.env} {
		if name == "" {
			continue
		}
		if text, ok := a.LookupEnv(name); ok && text != "" {
			return &value{s, text, name, byEnvironment}
		}
	}
	if e, ok := file[s.name]; ok {
		return &value{s, e.text, fmt.Sprintf("%s:%d", path, e.line), byFile}
	}
	return &value{s, s.initial, "default", byDefault}
}

func (v *value) verify() error {
	switch {
	case v.setting.flag:
		return checkBool(v.text)
	case v.setting.check != nil && (v.text != "" || v.setting.initial != ""):
		return v.setting.check(v.text)
	}
	return nil
}

// excludeOne lets the nearer of two settings count that say the same, and refuses two of equal distance.
func (s *settings) excludeOne(one, other string) error {
	a, b := s.find(one), s.find(other)
	if a == nil || b == nil || a.text == "" || b.text == "" {
		return nil
	}
	if a.level == b.level {
		return fmt.Errorf("%s and %s (from %s and %s) exclude each other: give one of them", one, other, a.source, b.source)
	}
	if a.level > b.level {
		a, b = b, a
	}
	a.text, a.source = "", "set aside: "+b.source
	return nil
}

// oneLine joins problems to one sentence.
func oneLine(problems []error) error {
	if len(problems) == 1 {
		return problems[0]
	}
	text := ""
	for i, p := range problems {
		if i > 0 {
			text += "; "
		}
		text += p.Error()
	}
	return errors.New(text)
}

func (s *settings) find(name string) *value {
	for _, v := range s.values {
		if v.setting.name == name {
			return v
		}
	}
	return nil
}

// text returns the effective value of a setting; it was checked.
func (s *settings) text(name string) string {
	if v := s.find(name); v != nil {
		return v.text
	}
	return ""
}

func (s *settings) on(name string) bool {
	on, err := strconv.ParseBool(s.text(name))
	return err == nil && on
}

func (s *settings) size(name string) int {
	n, err := parseSize(s.text(name))
	if err != nil {
		return 0 // checked before
	}
	return n
}

func (s *settings) logLevel() slog.Level {
	l, err := parseLevel(s.text("log-level"))
	if err != nil {
		return slog.LevelInfo // checked before
	}
	return l
}
