package replay

import (
	"maps"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// listSettings are the settings whose value is a list of names, which PostgreSQL stores quoted
// (GUC_LIST_QUOTE).
var listSettings = map[string]bool{
	"search_path": true, "session_preload_libraries": true, "local_preload_libraries": true,
	"shared_preload_libraries": true, "temp_tablespaces": true, "unix_socket_directories": true,
}

// settingValue writes the arguments of SET as PostgreSQL stores them (flatten_set_variable_args).
func (r *replayer) settingValue(n *pgast.VariableSetStmt) string {
	name := strings.ToLower(n.GetName())
	if n.GetKind() == pgast.VariableSetKind_VAR_SET_CURRENT {
		if name == "search_path" {
			return joinPath(r.now.path)
		}
		return r.now.custom[name]
	}
	var values []string
	for _, arg := range n.GetArgs() {
		value := argumentText(arg)
		if listSettings[name] {
			value = quoteIdent(value)
		}
		values = append(values, value)
	}
	return strings.Join(values, ", ")
}

func argumentText(arg *pgast.Node) string {
	if cast := arg.GetTypeCast(); cast != nil {
		arg = cast.Arg
	}
	return constText(arg.GetAConst())
}

// setting applies SET and RESET, of which the search path and the role change what follows.
func (r *replayer) setting(n *pgast.VariableSetStmt) error {
	value := func(set func(*settings, string), reset func(*settings)) {
		change := func(s *settings) {
			if n.Kind == pgast.VariableSetKind_VAR_SET_VALUE {
				values := ""
				if len(n.Args) > 0 {
					values = argumentText(n.Args[0])
				}
				set(s, values)
			} else {
				reset(s)
			}
		}
		change(&r.now)
		if _, known := r.session.custom[strings.ToLower(n.Name)]; n.IsLocal && !known && isCustom(n.Name) {
			r.session.setCustom(strings.ToLower(n.Name), "") // what it is behind the transaction
		}
		if !n.IsLocal {
			change(&r.session)
		}
	}
	name := strings.ToLower(n.Name)
	r.event("VariableSetStmt", pgschema.Name{}, name)
	if isCustom(name) {
		value(func(s *settings, v string) { s.setCustom(name, v) }, func(s *settings) { s.setCustom(name, "") })
	}
	switch name {
	case "search_path":
		var path []string
		for _, arg := range n.Args {
			path = append(path, argumentText(arg))
		}
		value(func(s *settings, _ string) { s.path = path }, func(s *settings) { s.path = r.defaultPath() })
		if n.Kind == pgast.VariableSetKind_VAR_SET_VALUE {
			r.rememberPath(path)
		}
	case "role":
		value(func(s *settings, role string) {
			if s.role = role; role == "none" {
				s.role = s.session
			}
		}, func(s *settings) { s.role = s.session })
	case "session_authorization":
		value(func(s *settings, role string) {
			if role == "" || role == "default" {
				role = r.login
			}
			s.role, s.session = role, role
		}, func(s *settings) { s.role, s.session = r.login, r.login })
	case "":
		if n.Kind == pgast.VariableSetKind_VAR_RESET_ALL {
			r.now.path, r.session.path = r.defaultPath(), r.defaultPath()
			for name := range r.now.custom {
				r.now.setCustom(name, "")
				r.session.setCustom(name, "")
			}
		}
	}
	return nil
}

// setConfig applies the setting of a call of set_config with constants.
func (r *replayer) setConfig(n *pgast.FuncCall, e *evaluator) {
	if len(n.Args) != 3 {
		return
	}
	name := strings.ToLower(argumentText(n.Args[0]))
	r.event("VariableSetStmt", pgschema.Name{}, name)
	value, local := e.value(n.Args[1]), strings.HasPrefix(argumentText(n.Args[2]), "t")
	if isCustom(name) {
		for _, s := range []*settings{&r.now, &r.session} {
			if value.unknown {
				s.forgetCustom(name)
			} else if s == &r.now || !local {
				s.setCustom(name, value.text)
			}
		}
	}
	if name != "search_path" || value.unknown {
		return
	}
	path := splitPath(value.text)
	r.now.path = path
	if !local {
		r.session.path = path
	}
	r.rememberPath(path)
}

// isCustom reports whether a setting is one that no part of PostgreSQL defines (manual, 20.16).
func isCustom(name string) bool { return strings.Contains(name, ".") }

func (s *settings) setCustom(name, value string) {
	custom := maps.Clone(s.custom)
	if custom == nil {
		custom = map[string]string{}
	}
	custom[name] = value
	s.custom = custom
}

// forgetCustom makes the value of a custom setting unknown.
func (s *settings) forgetCustom(name string) {
	custom := maps.Clone(s.custom)
	delete(custom, name)
	s.custom = custom
}

// unknownCurrent reports whether SET … FROM CURRENT takes a custom setting that the files did not set.
func (r *replayer) unknownCurrent(n *pgast.VariableSetStmt) bool {
	name := strings.ToLower(n.GetName())
	_, known := r.now.custom[name]
	return n.GetKind() == pgast.VariableSetKind_VAR_SET_CURRENT && isCustom(name) && !known
}

// rememberPath keeps a search path for the lookups of statements outside migrations.
func (r *replayer) rememberPath(path []string) {
	if len(path) > 0 {
		r.lastPath = path
	}
}

// splitPath reads the value of search_path.
func splitPath(value string) []string {
	var path []string
	for _, part := range items(value) {
		name := strings.ToLower(part)
		if strings.HasPrefix(part, `"`) {
			name = strings.ReplaceAll(strings.Trim(part, `"`), `""`, `"`)
		} else if strings.HasPrefix(part, "'") {
			name = strings.Trim(part, "'")
		}
		if name != "" {
			path = append(path, name)
		}
	}
	return path
}

func joinPath(path []string) string {
	quoted := make([]string, len(path))
	for i, name := range path {
		quoted[i] = quoteIdent(name)
	}
	return strings.Join(quoted, ", ")
}
