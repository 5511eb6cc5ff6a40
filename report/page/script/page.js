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
