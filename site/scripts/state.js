// Adds what only the service knows now: places left, who waits, a door just closed.
// The page is true without this; when the service does not answer, nothing is added.
const tag = document.querySelector("script[data-words]");
const words = JSON.parse(tag.dataset.words);
const number = new Intl.NumberFormat(document.documentElement.lang);
const patience = new AbortController();
const bell = setTimeout(() => patience.abort(), 4000);

function door(sign, now) {
  if (now.door === "not_open") return "not_yet";
  if (now.door === "full" && "line" in sign.dataset) return "waiting";
  return now.door;
}

function sentences(printed, door, now) {
  const said = [];
  if (door !== printed && words.now[door]) said.push(words.now[door]);
  if (door === "open" && Number.isInteger(now.left))
    said.push(words.left.replace("{number}", number.format(now.left)));
  if (/open|waiting|full/.test(door) && now.waiting > 0)
    said.push(words.waiting.replace("{number}", number.format(now.waiting)));
  return said.join(" ");
}

function show(states) {
  for (const sign of document.querySelectorAll("[data-form]")) {
    const now = states[sign.dataset.form];
    const here = now && door(sign, now);
    if (!words.signs[here]) continue;
    const said = sentences(sign.dataset.printed, here, now);
    for (const place of document.querySelectorAll(`[data-live="${sign.dataset.form}"]`))
      place.textContent = said;
    sign.textContent = words.signs[here];
    sign.className = `state state--${here}`;
  }
}

try {
  const answer = await fetch(tag.dataset.state, { signal: patience.signal });
  if (answer.ok) show(await answer.json());
} catch {
  // No service, no network, no patience left: the printed dates stand.
} finally {
  clearTimeout(bell);
}
