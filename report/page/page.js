"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const main = document.getElementById("main");
  const several = data.databases.length > 1 || data.relations.some((r) => r.db !== data.relations[0].db);
  const step = 50; // rows that a table shows at once
  const large = 0.2; // share of one tenant that deserves a look

  // el makes an element. Text only ever becomes a text node: nothing in the data is markup.
  function el(name, attributes, ...children) {
    return fill(document.createElement(name), attributes, children);
  }
  function svg(name, attributes, ...children) {
    return fill(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
  }
  function fill(node, attributes, children) {
    for (const [key, value] of Object.entries(attributes || {})) {
      if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
      else if (value !== false && value != null) node.setAttribute(key, value === true ? "" : value);
    }
    node.append(...children.flat().filter((c) => c != null && c !== ""));
    return node;
  }

  const whole = new Intl.NumberFormat("en");
  const short = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
  const number = (n) => whole.format(n);
  const percent = (share) => (100 * share).toFixed(1) + " %";
  function duration(ms) {
    if (ms < 0.1) return (1000 * ms).toPrecision(2) + " µs";
    if (ms < 1000) return ms.toPrecision(3) + " ms";
    if (ms < 120e3) return (ms / 1e3).toFixed(1) + " s";
    return ms < 7200e3 ? (ms / 60e3).toFixed(1) + " min" : (ms / 3600e3).toFixed(1) + " h";
  }
  function bytes(n) {
    const units = ["B", "KiB", "MiB", "GiB", "TiB"];
    let i = 0;
    for (; n >= 1024 && i < units.length - 1; i++) n /= 1024;
    return n.toFixed(i ? 1 : 0) + " " + units[i];
  }

  const tones = {
    isolated: "good", leaks: "bad", undecided: "fair", "no access": "none",
    error: "bad", warning: "fair", info: "note", suppressed: "none",
    proved: "good", refuted: "bad", vacuous: "fair", skipped: "none",
    broken: "bad", note: "note", good: "good", bad: "bad", fair: "fair", unknown: "none", none: "none",
  };
  const signs = { good: "✓", bad: "✕", fair: "!", note: "i", none: "–", undecided: "?" };
  function pill(word, tone = tones[word] || "none", attributes = {}, name = "span") {
    return el(name, { class: "pill " + tone, "data-sign": signs[word] || signs[tone], ...attributes }, el("span", {}, word));
  }
  function code(text) {
    const pre = el("pre", {}, text);
    const copy = el("button", { type: "button", onclick: () => navigator.clipboard.writeText(text).then(() => (copy.textContent = "copied"), () => getSelection().selectAllChildren(pre)) }, "copy");
    return el("div", { class: "code" }, pre, copy);
  }
  function block(title, body) {
    return el("div", {}, el("h4", {}, title), typeof body === "string" ? el("p", {}, body) : body);
  }
  function ruleLink(rule) {
    const page = data.rules[rule];
    return page ? el("a", { href: page, rel: "noreferrer" }, rule) : rule;
  }
  function shareBar(share, tone = "") {
    return svg("svg", { height: 5, "aria-hidden": "true" },
      svg("rect", { class: "track", width: "100%", height: "100%", rx: 2.5 }),
      svg("rect", { class: "fill " + tone, width: percent(share).replace(" ", ""), height: "100%", rx: 2.5 }));
  }

  const nav = document.querySelector(".bar nav");
  function section(id, title, lead, count) {
    nav.append(el("a", { href: "#" + id }, title, " ", count == null ? "" : el("b", {}, short.format(count))));
    const card = el("div", { class: "card" });
    main.append(el("section", { id, "aria-labelledby": id + "-title" }, el("h2", { id: id + "-title" }, title), el("p", { class: "lead" }, lead), card));
    return card;
  }

  // grid is a table that sorts, filters, opens its rows and draws no more of them than asked for.
  //   columns: {label, value(row), cell(row, reveal), kind}: value sorts; kind is the class of the cells
  //   facet(row): the word by which chips filter; facets: their order
  //   hay(row): the text that a search looks in; detail(row): nodes behind a row, or null
  function grid(card, rows, { id, columns, facet, facets = [], hay, detail, className = "", label }) {
    let shown = step, sorted = null, descending = false, picked = new Set(), needle = "", visible = rows;
    const texts = new Map();
    const counts = {};
    for (const row of rows) counts[facet(row)] = (counts[facet(row)] || 0) + 1;

    const search = el("input", { type: "search", placeholder: "Filter", "aria-label": "Filter " + label, oninput: () => { needle = search.value.trim().toLowerCase(); shown = step; update(); } });
    const chips = facets.filter((word) => counts[word]).map((word) => el("button", {
      type: "button", class: "chip", "aria-pressed": "false", onclick: (event) => {
        picked.delete(word) || picked.add(word);
        event.currentTarget.setAttribute("aria-pressed", picked.has(word));
        shown = step;
        update();
      },
    }, word, el("span", {}, number(counts[word]))));
    const tally = el("span", { class: "tally", role: "status" });
    const headers = columns.map((column) => {
      const numeric = column.kind === "number";
      const th = el("th", { scope: "col", role: "columnheader", "aria-sort": "none", class: numeric ? "number" : "" }, el("button", {
        type: "button", onclick: () => {
          descending = sorted === column ? !descending : numeric;
          sorted = column;
          headers.forEach((h) => h.setAttribute("aria-sort", h !== th ? "none" : descending ? "descending" : "ascending"));
          shown = step;
          update();
        },
      }, column.label));
      return th;
    });
    const body = el("tbody", { role: "rowgroup" });
    const more = el("button", { type: "button", class: "more", onclick: () => { const from = shown; shown += 4 * step; draw(from); } });
    const empty = el("p", { class: "empty" }, "Nothing matches.");
    card.append(
      el("div", { class: "tools", role: "group", "aria-label": "Filters of " + label }, search, chips, tally),
      el("div", { class: "scroll" }, el("table", { id, role: "table", "aria-label": label, class: className },
        el("thead", { role: "rowgroup" }, el("tr", { role: "row" }, headers)), body)),
      empty, more);

    function matches(row) {
      if (picked.size && !picked.has(facet(row))) return false;
      if (!needle) return true;
      if (!texts.has(row)) texts.set(row, hay(row).join("\n").toLowerCase());
      return texts.get(row).includes(needle);
    }
    function update() {
      visible = rows.filter(matches);
      if (sorted) {
        const sign = descending ? -1 : 1;
        const keys = new Map(visible.map((row) => [row, sorted.value(row)]));
        visible.sort((a, b) => {
          const x = keys.get(a), y = keys.get(b);
          return sign * (typeof x === "number" ? x - y : x < y ? -1 : x > y ? 1 : 0);
        });
      }
      body.replaceChildren();
      draw(0);
    }
    function draw(from) {
      body.append(...visible.slice(from, shown).map(line));
      const rest = visible.length - shown;
      more.hidden = rest <= 0;
      more.textContent = "Show " + number(Math.min(4 * step, rest)) + " more of " + number(rest);
      empty.hidden = visible.length > 0;
      tally.textContent = visible.length === rows.length ? number(rows.length) : number(visible.length) + " of " + number(rows.length);
    }
    function line(row) {
      const buttons = [];
      let opened = null;
      // reveal makes a button that opens what is behind the row.
      const reveal = (button) => {
        button.setAttribute("aria-expanded", "false");
        button.addEventListener("click", () => {
          if (opened) { opened.remove(); opened = null; }
          else { opened = el("tr", { class: "detail", role: "row" }, el("td", { role: "cell", colspan: columns.length }, el("div", { class: "facts" }, detail(row)))); tr.after(opened); }
          tr.classList.toggle("open", !!opened);
          buttons.forEach((b) => b.setAttribute("aria-expanded", !!opened));
        });
        buttons.push(button);
        return button;
      };
      const tr = el("tr", { role: "row" }, columns.map((column) =>
        el("td", { role: "cell", class: column.kind, "data-label": ["name", "text", "tag"].includes(column.kind) ? null : column.label }, column.cell(row, reveal))));
      return tr;
    }
    update();
  }

  const revealing = (text, reveal, attributes = {}) => reveal(el("button", { type: "button", class: "reveal", ...attributes }, text));
  const clamped = (text, reveal) => revealing(el("span", { class: "clamp" }, text), reveal);
  const database = several ? [{ label: "Database", value: (r) => r.db || "", cell: (r) => r.db || "", kind: "name" }] : [];
  const levels = { bad: "needs work", unknown: "not decided", fair: "small concern", good: "fine", none: "no tenant" }; // of statements
  const rank = (order) => (word) => { const i = order.indexOf(word); return i < 0 ? order.length : i; };

  // Overview.
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
    const severities = ["error", "warning", "info"].map((s) => [s, data.findings.filter((f) => f.severity === s).length]);
    tile("Findings", number(data.findings.length), strip(severities), said(severities.map(([s, n]) => [n === 1 ? s : s + "s", n])));
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

  const words = { i: "isolated", l: "leaks", u: "undecided", s: "suppressed", "-": "no access" };
  const worst = (row) => words[["l", "u", "s", "i"].find((letter) => row.cells.includes(letter)) || "-"];
  function matrix() {
    if (!data.relations.length) return;
    const roles = new Set(data.relations.map((r) => r.role));
    const only = roles.size === 1 ? " as role " + [...roles][0] : "";
    const card = section("matrix", "Matrix", "For each relation and command: can a session of one tenant" + only + " reach another’s rows? What leaks opens with the statement that does.", data.relations.length);
    const order = rank(["leaks", "undecided", "suppressed", "isolated", "no access"]);
    data.relations.sort((a, b) => order(worst(a)) - order(worst(b)));
    grid(card, data.relations, {
      id: "matrix-table", label: "matrix", className: "matrix", facet: worst, facets: ["leaks", "undecided", "suppressed", "isolated", "no access"],
      hay: (r) => [r.name, r.role, r.db || "", ...(r.notes || []).map((n) => n.reason + "\n" + (n.rule || ""))],
      detail: (r) => r.notes.map((n) => el("div", {},
        block(n.commands.join(", ") + " " + n.verdict, el("p", {}, n.reason, n.rule ? [" [", ruleLink(n.rule), "]"] : "")),
        n.witness ? code(n.witness) : "")),
      columns: [
        { label: "Relation", kind: "name", value: (r) => r.name, cell: (r) => r.name },
        ...database,
        ...(roles.size > 1 ? [{ label: "Role", kind: "name", value: (r) => r.role, cell: (r) => r.role }] : []),
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
      hay: (s) => [s.text, s.scope, s.access || "", s.reason || "", s.db || ""],
      detail: (s) => [
        block("Statement", code(s.text)), s.reason ? block("Why", s.reason) : "", s.fix ? block("Fix", code(s.fix)) : "",
        el("div", { class: "sides" }, s.plan ? block("Plan as the service, with a tenant set", code(s.plan)) : "", s.superuserPlan ? block("Plan as a superuser, without policies", code(s.superuserPlan)) : ""),
      ],
      columns: [
        { label: "Time", kind: "number", value: (s) => s.share, cell: (s) => el("div", { class: "share" }, percent(s.share), shareBar(s.share, s.level === "unknown" ? "none" : s.level)) },
        { label: "Statement", kind: "text", value: (s) => s.text, cell: (s, reveal) => el("code", {}, clamped(s.text, reveal)) },
        { label: "Scope", kind: "tag", value: (s) => order(s.level) + s.scope, cell: (s) => [pill(s.scope, tones[s.level]), el("span", { class: "sub" }, s.access || "")] },
        ...database,
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
      hay: (p) => [p.relation, p.command, p.state, p.why, p.db || ""],
      detail: (p) => [block("Why", p.why), p.statement ? code(p.statement) : ""],
      columns: [
        { label: "Verdict", kind: "tag", value: (p) => order(p.verdict), cell: (p) => pill(p.verdict) },
        { label: "Relation", kind: "name", value: (p) => p.relation, cell: (p, reveal) => revealing(p.relation, reveal) },
        ...database,
        { label: "Command", value: (p) => p.command, cell: (p) => p.command },
        { label: "Session", value: (p) => p.state, cell: (p) => p.state },
        { label: "Why", kind: "wide", value: (p) => p.why, cell: (p) => el("span", { class: "clamp" }, p.why) },
      ],
    });
  }

  function skew() {
    if (!data.skew.length) return;
    const card = section("skew", "Tenants", "Each tenant’s share by the server’s statistics. Beyond the dashed line, one tenant decides how a table behaves for all.");
    const name = (s) => [several ? s.db : "", s.table || "all tables"].filter(Boolean).join(" / ");
    let measure = "share", chosen = data.skew[0];
    const chart = el("div", { class: "chart" });
    const select = el("select", { "aria-label": "Table", onchange: () => { chosen = data.skew[select.selectedIndex]; draw(); } }, data.skew.map((s) => el("option", {}, name(s))));
    const chips = [["share", "by rows"], ["byBytes", "by bytes"]].map(([key, text]) => el("button", {
      type: "button", class: "chip", "aria-pressed": String(key === measure), onclick: (event) => {
        measure = key;
        chips.forEach((chip) => chip.setAttribute("aria-pressed", String(chip === event.currentTarget)));
        draw();
      },
    }, text));
    card.append(el("div", { class: "tools" }, select, chips), chart);
    function draw() {
      const most = 20, height = 42;
      const tenants = [...chosen.tenants].sort((a, b) => b[measure] - a[measure]).slice(0, most);
      const scale = 1 / Math.max(large * 1.25, ...tenants.map((t) => t[measure]));
      const across = (share) => (100 * share * scale).toFixed(2) + "%";
      const summary = tenants.slice(0, 3).map((t) => t.name + " " + percent(t[measure])).join(", ");
      chart.replaceChildren(svg("svg", { role: "img", height: tenants.length * height + 18, "aria-label": "Largest tenants of " + name(chosen) + ": " + summary },
        tenants.map((t, i) => svg("g", { transform: "translate(0 " + i * height + ")" },
          svg("text", { class: "label", y: 14 }, t.name),
          svg("text", { class: "value", x: "100%", y: 14, "text-anchor": "end" }, percent(t[measure]) + " · " + (measure === "share" ? short.format(t.rows) + " rows" : bytes(t.bytes))),
          svg("rect", { class: "fill" + (t[measure] > large ? " bad" : ""), y: 21, width: across(t[measure]), height: 10, rx: 5 }))),
        svg("line", { class: "limit", x1: across(large), x2: across(large), y1: 18, y2: tenants.length * height }),
        svg("text", { class: "limit-name", x: across(large), y: tenants.length * height + 13, "text-anchor": "middle" }, percent(large))),
        chosen.tenants.length > most ? el("p", { class: "sub" }, "and " + number(chosen.tenants.length - most) + " smaller ones") : "");
    }
    draw();
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

  // Theme: what the system says until somebody says otherwise.
  function theme() {
    const button = document.getElementById("theme");
    const root = document.documentElement;
    const next = { auto: "dark", dark: "light", light: "auto" };
    let now = "auto";
    try { now = localStorage.getItem("tenantvet-theme") || now; } catch { /* a sandboxed page has no storage */ }
    const show = () => {
      if (now === "auto") root.removeAttribute("data-theme");
      else root.setAttribute("data-theme", now);
      button.textContent = "Theme: " + now;
    };
    button.hidden = false;
    button.addEventListener("click", () => {
      now = next[now] || "auto";
      try { localStorage.setItem("tenantvet-theme", now); } catch { /* it lasts until the page is closed */ }
      show();
    });
    show();
  }

  // A slash goes to the filter of the section in view.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
    const fields = [...document.querySelectorAll("input[type=search]")];
    const field = fields.find((f) => f.getBoundingClientRect().top > 0) || fields.at(-1);
    if (field) {
      event.preventDefault();
      field.focus();
    }
  });

  theme();
  overview();
  databases();
  matrix();
  others();
  findings("findings", "Findings", "What is wrong, why it matters and what mends it.", data.findings);
  statements();
  probes();
  skew();
  findings("drift", "Drift", "Where tenants’ schemas or databases that should be alike are not.", data.drift);
  coverage();
})();
