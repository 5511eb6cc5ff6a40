const words = { i: "isolated", l: "leaks", u: "undecided", w: "warned", s: "suppressed", "-": "no access" };
const worst = (row) => words[["l", "u", "w", "s", "i"].find((letter) => row.cells.includes(letter)) || "-"];
function matrix() {
  if (!data.relations.length) return;
  const roles = new Set(data.relations.map((r) => r.role));
  const only = roles.size === 1 ? " as role " + [...roles][0] : "";
  const card = section("matrix", "Matrix", "For each relation and command: can a session of one tenant" + only + " reach another’s rows? What leaks opens with the statement that does.", data.relations.length);
  const order = rank(["leaks", "undecided", "warned", "suppressed", "isolated", "no access"]);
  data.relations.sort((a, b) => order(worst(a)) - order(worst(b)));
  grid(card, data.relations, {
    id: "matrix-table", label: "matrix", className: "matrix", facet: worst, facets: ["leaks", "undecided", "warned", "suppressed", "isolated", "no access"],
    hay: (r) => [r.name, r.role, r.db || "", ...(r.notes || []).map((n) => n.reason + "\n" + (n.rule || ""))],
    detail: (r) => r.notes.map((n) => el("div", {},
      block(n.commands.join(", ") + " " + n.verdict, el("p", {}, n.reason, n.rule ? [" [", ruleLink(n.rule), "]"] : "")),
      n.witness ? code(n.witness) : "")),
    columns: [
      { label: "Relation", kind: "name", value: (r) => r.name, cell: (r) => r.name },
      ...database,
      ...byRole(data.relations),
      ...data.commands.map((command, i) => ({
        label: command, value: (r) => order(words[r.cells[i]]),
        cell: (r, reveal) => {
          const word = words[r.cells[i]];
          const explained = (r.notes || []).some((n) => n.commands.includes(command));
          return explained ? reveal(pill(word, tones[word], { type: "button", "aria-label": r.name + " " + command + " " + word + ": why" }, "button")) : pill(word, tones[word], { title: word });
        },
      })),
    ],
  });
  if (data.beside.length) {
    card.append(el("p", { class: "aside" }, "Ways that belong to no cell"),
      el("ul", { class: "list" }, data.beside.map((b) => el("li", {}, several && b.db ? b.db + ": " : "", b.reason, " [", ruleLink(b.rule), "], role ", b.role))));
  }
}

function others() {
  if (!data.others.length) return;
  const card = section("others", "Also reachable", "Functions by EXECUTE, sequences, and relations that all tenants share.", data.others.length);
  const order = rank(["leaks", "undecided", "suppressed", "isolated", "shared"]);
  data.others.sort((a, b) => order(a.verdict) - order(b.verdict));
  grid(card, data.others, {
    id: "others-table", label: "others", facet: (o) => o.verdict, facets: ["leaks", "undecided", "suppressed", "isolated", "shared"],
    hay: (o) => [o.name, o.role, o.kind, o.reason, o.db || ""],
    detail: (o) => [block(o.verdict, el("p", {}, o.reason, o.rule ? [" [", ruleLink(o.rule), "]"] : "")), o.witness ? code(o.witness) : ""],
    columns: [
      { label: "Object", kind: "name", value: (o) => o.name, cell: (o) => o.name },
      ...database,
      { label: "Kind", kind: "text", value: (o) => o.kind, cell: (o) => o.kind },
      { label: "Role", kind: "name", value: (o) => o.role, cell: (o) => o.role },
      { label: "Privileges", kind: "text", value: (o) => o.privileges, cell: (o) => o.privileges },
      { label: "Verdict", kind: "tag", value: (o) => order(o.verdict), cell: (o, reveal) => reveal(pill(o.verdict, tones[o.verdict], { type: "button", "aria-label": o.name + " " + o.verdict + ": why" }, "button")) },
    ],
  });
}

function findings(id, title, lead, list) {
  if (!list.length) return;
  const levels = ["error", "warning", "info", "suppressed"];
  const order = rank(levels);
  grid(section(id, title, lead, list.length), list, {
    id: id + "-table", label: title.toLowerCase(), facet: (f) => f.severity, facets: levels,
    hay: (f) => [f.rule, f.place, f.message, f.db || "", f.severity, ...(f.evidence || [])],
    detail: (f) => [
      f.source ? code(f.source) : "",
      f.evidence ? block("Evidence", el("ul", {}, f.evidence.map((e) => el("li", {}, e)))) : "",
      f.fix ? block("Fix", f.fix) : "", f.code ? code(f.code) : "",
      el("p", {}, "About the rule: ", ruleLink(f.rule)),
    ],
    columns: [
      { label: "Severity", kind: "tag", value: (f) => order(f.severity), cell: (f) => pill(f.severity) },
      { label: "Finding", kind: "text", value: (f) => f.message, cell: (f, reveal) => [revealing(f.message, reveal), el("span", { class: "sub" }, f.rule)] },
      { label: "Where", kind: "name", value: (f) => f.place, cell: (f) => f.place },
      ...database,
    ],
  });
}

function statements() {
  if (!data.statements.length) return;
  const order = rank(Object.keys(levels));
  grid(section("statements", "Statements", "What the database executed, by its share of all time, with the plan that the server makes as the service’s role with a tenant set.", data.statements.length), data.statements, {
    id: "statements-table", label: "statements", facet: (s) => levels[s.level], facets: Object.values(levels),
    hay: (s) => [s.text, s.role || "", s.scope, s.access || "", s.reason || "", s.db || ""],
    detail: (s) => [
      block("Statement", code(s.text)), s.reason ? block("Why", s.reason) : "", s.fix ? block("Fix", code(s.fix)) : "",
      el("div", { class: "sides" }, s.plan ? block("Plan as the service, with a tenant set", code(s.plan)) : "", s.superuserPlan ? block("Plan as a superuser, without policies", code(s.superuserPlan)) : ""),
    ],
    columns: [
      { label: "Time", kind: "number", value: (s) => s.share, cell: (s) => el("div", { class: "share" }, percent(s.share), shareBar(s.share, s.level === "unknown" ? "none" : s.level)) },
      { label: "Statement", kind: "text", value: (s) => s.text, cell: (s, reveal) => el("code", {}, clamped(s.text, reveal)) },
      { label: "Scope", kind: "tag", value: (s) => order(s.level) + s.scope, cell: (s) => [pill(s.scope, tones[s.level]), el("span", { class: "sub" }, s.access || "")] },
      ...database,
      ...byRole(data.statements),
      { label: "Calls", kind: "number", value: (s) => s.calls, cell: (s) => number(s.calls) },
      { label: "Mean", kind: "number", value: (s) => s.mean, cell: (s) => duration(s.mean) },
      { label: "Total", kind: "number", value: (s) => s.total, cell: (s) => duration(s.total) },
      { label: "Rows", kind: "number", value: (s) => s.rows, cell: (s) => number(s.rows) },
    ],
  });
}

function probes() {
  if (!data.probes.length) return;
  const order = rank(["refuted", "vacuous", "skipped", "proved"]);
  data.probes.sort((a, b) => order(a.verdict) - order(b.verdict));
  grid(section("probes", "Probes", "What was tried on the database as the service’s role, in transactions that were rolled back.", data.probes.length), data.probes, {
    id: "probes-table", label: "probes", facet: (p) => p.verdict, facets: ["refuted", "vacuous", "skipped", "proved"],
    hay: (p) => [p.relation, p.role || "", p.command, p.state, p.why, p.db || ""],
    detail: (p) => [block("Why", p.why), p.statement ? code(p.statement) : ""],
    columns: [
      { label: "Verdict", kind: "tag", value: (p) => order(p.verdict), cell: (p) => pill(p.verdict) },
      { label: "Relation", kind: "name", value: (p) => p.relation, cell: (p, reveal) => revealing(p.relation, reveal) },
      ...database,
      ...byRole(data.probes),
      { label: "Command", value: (p) => p.command, cell: (p) => p.command },
      { label: "Session", value: (p) => p.state, cell: (p) => p.state },
      { label: "Why", kind: "wide", value: (p) => p.why, cell: (p) => el("span", { class: "clamp" }, p.why) },
    ],
  });
}

function coverage() {
  if (!data.gaps.length) return;
  const kinds = ["broken", "undecided", "skipped", "note"];
  const order = rank(kinds);
  grid(section("coverage", "Coverage", "What was not looked at, what could not be decided, and why: what is not whole is not clean.", data.gaps.length), data.gaps, {
    id: "coverage-table", label: "gaps", facet: (g) => g.kind, facets: kinds, hay: (g) => [g.what, g.reason, g.db || ""],
    columns: [
      { label: "Kind", kind: "tag", value: (g) => order(g.kind), cell: (g) => pill(g.kind) },
      { label: "What", kind: "name", value: (g) => g.what, cell: (g) => g.what },
      ...database,
      { label: "Why", kind: "text", value: (g) => g.reason, cell: (g) => g.reason },
    ],
  });
}
