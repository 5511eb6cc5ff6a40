const main = document.getElementById("main");
const several = data.databases.length > 1 || data.relations.some((r) => r.db !== data.relations[0].db);
const step = 50; // rows that a table shows at once

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
// byRole is a column where the rows are of several roles.
const byRole = (rows) => new Set(rows.map((r) => r.role)).size > 1 ? [{ label: "Role", kind: "name", value: (r) => r.role || "", cell: (r) => r.role || "" }] : [];
const levels = { bad: "needs work", unknown: "not decided", fair: "small concern", good: "fine", none: "no tenant" }; // of statements
const rank = (order) => (word) => { const i = order.indexOf(word); return i < 0 ? order.length : i; };
