// Single keys for whoever decides many requests. They act only where nobody types, and
// each member can turn them off (WCAG 2.1.4).
const rows = [...document.querySelectorAll(".request a")];
const TYPING = "input, select, textarea, [contenteditable]";

function move(steps) {
  const here = rows.findIndex((row) => row.closest(".request").contains(document.activeElement));
  rows[Math.max(0, Math.min(rows.length - 1, here < 0 ? 0 : here + steps))]?.focus();
}

const acts = new Map([
  ["j", () => move(1)],
  ["k", () => move(-1)],
  ["/", () => document.getElementById("testo").select()],
  ["?", () => document.getElementById("keys").showModal()],
]);

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.closest(TYPING) || document.querySelector("dialog[open]")) return;
  // Enter on a link or button does what it always does.
  if (event.key === "Enter" && event.target !== document.body) return;
  const marked = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  const act = acts.get(event.key);
  if (!act && !marked) return;
  event.preventDefault();
  if (act) act();
  else marked.click();
});

document.querySelector("[data-close]").addEventListener("click", (event) => {
  event.target.closest("dialog").close();
});
