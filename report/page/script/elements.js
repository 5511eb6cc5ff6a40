"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
for (const name in data) data[name] ??= []; // a list that nobody filled

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
  isolated: "good", leaks: "bad", undecided: "fair", warned: "note", "no access": "none",
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
