// Searches the index of this site, which is loaded when somebody searches and not
// before. Without this script the page lists every form and page.
const form = document.querySelector("[data-search]");
const words = JSON.parse(form.dataset.words);
const field = form.querySelector("input");
const status = form.querySelector("[role=status]");
const list = form.querySelector(".results");
const letters = (text) => text.replace(/[^\p{L}\p{N}]/gu, "").length;

async function found(query) {
  const engine = await import(form.dataset.search);
  const search = await engine.search(query);
  const hits = await Promise.all(search.results.slice(0, 20).map((hit) => hit.data()));
  return hits.map((hit) => ({ ...hit, words: pieces(hit.excerpt) })).filter(good(query));
}

function pieces(excerpt) {
  const read = new DOMParser().parseFromString(excerpt, "text/html").body;
  return [...read.childNodes].map((node) => {
    if (node.nodeName !== "MARK") return node.textContent;
    return Object.assign(document.createElement("mark"), { textContent: node.textContent });
  });
}

// A word that is nowhere is tried with its beginning: "ospedale" would find every "o".
function good(query) {
  const least = Math.min(3, letters(query));
  return (hit) =>
    hit.words.some((word) => word.nodeName && letters(word.textContent) >= least);
}

function shown(hit) {
  const [entry, link, text] = ["li", "a", "p"].map((name) => document.createElement(name));
  link.href = hit.url;
  link.textContent = hit.meta.title;
  text.append(...hit.words);
  entry.append(link, text);
  return entry;
}

async function answer() {
  const query = field.value.trim();
  list.replaceChildren();
  status.textContent = "";
  if (!letters(query)) return;
  try {
    const hits = await found(query);
    list.replaceChildren(...hits.map(shown));
    status.textContent = (hits.length ? words.some : words.none).replace("{n}", hits.length);
  } catch {
    status.textContent = words.broken;
  }
}

form.hidden = false;
form.addEventListener("submit", (event) => {
  event.preventDefault();
  history.replaceState(null, "", `?${new URLSearchParams(new FormData(form))}`);
  answer();
});
field.value = new URLSearchParams(location.search).get("q") ?? "";
answer();
