package cli

import (
	"github.com/spf13/cobra"
)

func (a *app) configCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Show every setting with where it comes from",
		Long: `Config shows the settings as the other commands would see them with the same flags,
environment and file: a flag goes before the environment, that before the file, that before
the default. Secrets are not shown: credentials are paths, passwords are masked.`,
		Example: `  projector config
  projector config --config projector.yaml --json`,
		Args: count(0, 0, ""),
	}
	wanted := allSettings()
	addSettings(cmd.Flags(), wanted)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		s, err := a.resolve(cmd.Flags(), wanted)
		if err != nil {
			return err
		}
		return a.showSettings(s)
	}
	return cmd
}

// shownSetting is a setting as config --json prints it.
type shownSetting struct {
	Name   string `json:"name"`
	Value  string `json:"value"`
	Source string `json:"source"`
}

func (a *app) showSettings(s *settings) error {
	out := make([]shownSetting, len(s.values))
	for i, v := range s.values {
		out[i] = shownSetting{v.setting.name, v.shown(), v.source}
	}
	if a.json {
		return printJSON(a.Stdout, map[string]any{"settings": out})
	}
	t := newTable(a.Stdout, "SETTING", "VALUE", "SOURCE")
	for _, v := range out {
		if v.Value == "" {
			v.Value = "-"
		}
		t.row(v.Name, v.Value, v.Source)
	}
	return t.flush()
}
