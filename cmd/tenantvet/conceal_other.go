//go:build !linux

package main

// overwrite does nothing: elsewhere the arguments are a copy.
func overwrite(string) {}
