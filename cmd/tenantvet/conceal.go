package main

import (
	"regexp"
	"strings"
)

// passwordIn finds the password in a connection string of either form.
var passwordIn = regexp.MustCompile(`://[^/@:]*:([^/]*)@|(?i:\bpassword)\s*=\s*('(?:[^'\\]|\\.)*'|[^\s&']+)`)

// concealed returns the arguments, and overwrites the passwords of connection strings among those that
// the process was given: other users of the machine read these in the list of processes. A password
// in PGPASSWORD or in a password file is never there, not even at first.
func concealed(args []string) []string {
	copied := make([]string, len(args))
	for i, arg := range args {
		copied[i] = strings.Clone(arg)
		for _, m := range passwordIn.FindAllStringSubmatchIndex(copied[i], -1) {
			for group := 2; group < len(m); group += 2 {
				if m[group] >= 0 {
					overwrite(arg[m[group]:m[group+1]])
				}
			}
		}
	}
	return copied
}
