const large = 0.2; // share of one tenant that deserves a look

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
