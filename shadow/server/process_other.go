//go:build unix && !linux

package server

import "syscall"

// unprivileged makes a child run as the unprivileged user. Only Linux can end it with its parent: a process that is
// killed elsewhere leaves its servers running.
func unprivileged() *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{}
	if uid, gid, ok := unprivilegedUser(); ok {
		attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	}
	return attr
}
