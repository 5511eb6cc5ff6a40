// overview shows what it comes to, in tiles.
function overview() {
  const tiles = el("div", { class: "tiles" });
  const tile = (title, strong, ...rest) => tiles.append(el("div", { class: "card tile" }, el("h3", {}, title), el("strong", {}, strong), ...rest));
  const strip = (parts) => {
    const sum = parts.reduce((n, [, count]) => n + count, 0) || 1;
    let x = 0;
    return svg("svg", { role: "img", "aria-label": parts.map(([word, n, said]) => said || number(n) + " " + word).join(", ") }, parts.map(([word, n]) => {
      const rect = svg("rect", { class: "fill " + tones[word], x: (100 * x) / sum + "%", width: (100 * n) / sum + "%", height: "100%" });
      x += n;
      return rect;
    }));
  };
  const said = (parts) => el("p", {}, parts.filter(([, n]) => n).map(([word, n]) => number(n) + " " + word).join(", "));
  if (data.databases.length === 1) {
    const d = data.databases[0];
    tile("Database", "PostgreSQL " + d.server, el("p", {}, d.name, " as ", d.role, d.pooled ? ", through a pooler" : ""), d.partial ? el("p", {}, pill("broken"), " ", d.partial) : "");
  } else if (data.databases.length) {
    const parts = ["leaks", "undecided", "isolated"].map((v) => [v, data.databases.filter((d) => d.verdict === v).length]);
    tile("Databases", number(data.databases.length), strip(parts), said(parts));
  }
  if (data.relations.length) {
    const cells = data.relations.map((r) => r.cells).join("");
    const count = (letter) => cells.split(letter).length - 1;
    const parts = [["leaks", count("l")], ["undecided", count("u")], ["isolated", count("i")]];
    tile("Ways to rows: relation × command", number(parts.reduce((n, [, c]) => n + c, 0)), strip(parts), said(parts));
  }
  const severities = ["error", "warning", "info"].map((s) => [s, data.counts[s] || 0]);
  const listed = [...data.findings, ...data.drift].filter((f) => f.severity !== "suppressed").length;
  const distinct = severities.reduce((n, [, count]) => n + count, 0);
  tile("Findings", number(distinct), strip(severities), said(severities.map(([s, n]) => [n === 1 ? s : s + "s", n])),
    listed > distinct ? el("p", {}, "listed " + number(listed) + " times below: what several databases have alike counts once") : "");
  if (data.statements.length) {
    const databases = new Set(data.statements.map((s) => s.db)).size; // each has its own whole
    const time = (level) => data.statements.filter((s) => s.level === level).reduce((sum, s) => sum + s.share, 0) / databases;
    tile("Time on statements to mend", percent(time("bad")), strip(["bad", "unknown", "fair", "none", "good"].map((level) => [level, time(level), percent(time(level)) + " " + levels[level]])), el("p", {}, number(data.statements.length) + " statements"));
  }
  main.querySelector(".hero").after(tiles);
}

function databases() {
  if (data.databases.length < 2) return;
  const order = rank(["leaks", "undecided", "isolated"]);
  grid(section("databases", "Databases", "What was audited, and whether the audit is whole.", data.databases.length), data.databases, {
    id: "databases-table", label: "databases", facet: (d) => d.verdict, facets: ["leaks", "undecided", "isolated"],
    hay: (d) => [d.name, d.server, d.role, d.partial || ""],
    columns: [
      { label: "Database", kind: "name", value: (d) => d.name, cell: (d) => d.name },
      { label: "Verdict", kind: "tag", value: (d) => order(d.verdict), cell: (d) => pill(d.verdict) },
      { label: "Server", value: (d) => d.server, cell: (d) => d.server + (d.pooled ? ", pooled" : "") },
      { label: "Role", value: (d) => d.role, cell: (d) => d.role },
      { label: "Gaps", kind: "wide", value: (d) => d.partial || "", cell: (d) => d.partial || "–" },
    ],
  });
}
