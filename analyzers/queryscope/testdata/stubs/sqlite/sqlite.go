// Package sqlite stands for the driver of that name.
package sqlite
