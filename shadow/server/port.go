package server

import "net"

// freePort returns a TCP port that nobody listens on. Nothing will: the library merely wants one.
func freePort() uint32 {
	l, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		return 0
	}
	defer l.Close()
	return uint32(l.Addr().(*net.TCPAddr).Port)
}
