// Package differential holds the static verdict on a schema against real servers. Its tests generate
// random schemas, ask schemacheck for the verdict on each from the text alone, and let prove try every
// way from one tenant to another in a database that the same text made: nothing that prove refutes may be
// called isolated.
//
// A schema is made of its seed and number alone. A statement that the server refuses is left out of
// it, for both sides.
package differential
