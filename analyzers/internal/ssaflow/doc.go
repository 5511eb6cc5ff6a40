// Package ssaflow answers what every analyzer asks of the SSA form of a function: what a call leads
// to, what a captured variable is bound to, what is stored in a local variable, and which instruction
// runs before which.
package ssaflow
