package prove

import (
	"regexp"
	"slices"
	"strings"
)

// settingSwitch is a custom setting, which any client may set, with a value that the schema compares it with.
type settingSwitch struct{ name, value string }

var comparesSetting = regexp.MustCompile(`(?i)current_setting\s*\(\s*'([a-z_]\w*(?:\.[a-z_]\w*)+)'(?:::text)?\s*(?:,\s*true\s*)?\)(?:::\w+)?\s*=\s*'([^']+)'`)

// maxSwitches bounds the sessions that are tried because of them.
const maxSwitches = 4

// switches are the settings that the schema compares with a constant, other than those that say whose session it
// is.
func (p *prover) switches() (found []settingSwitch) {
	for _, match := range comparesSetting.FindAllStringSubmatch(p.text, -1) {
		s := settingSwitch{strings.ToLower(match[1]), match[2]}
		known := slices.ContainsFunc(p.settings, func(known setting) bool { return strings.EqualFold(known.name, s.name) })
		if !known && !slices.Contains(found, s) && len(found) < maxSwitches {
			found = append(found, s)
		}
	}
	return found
}
