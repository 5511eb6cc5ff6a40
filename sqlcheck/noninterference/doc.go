// Package noninterference holds the pin engine against real servers. Its tests generate random
// statements over a small tenant schema and run each with the rows of other tenants present and absent:
// what the engine calls pinned must return the same rows and leave the same rows behind, and must not
// change a row of another tenant.
//
// What the statements avoid, as it makes results differ for reasons that are no leak between tenants:
//
//   - a result that depends on the order of rows without saying so (LIMIT or row_number() over ties);
//   - errors raised by values in rows (division, casts of text, several rows from a scalar subquery),
//     as PostgreSQL may evaluate them for rows that another condition would have discarded;
//   - keys of new rows that collide with keys of other tenants' rows, and new references to these: a
//     unique or foreign key without the tenant tells whether the other row exists, whatever statement
//     asks. That is what the rules unique-crosses-tenant and foreign-key-crosses-tenant report.
package noninterference
