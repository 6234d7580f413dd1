// Shows only the questions that apply, and leads to the first mistake. Without this
// script each of these questions says in words when to answer it.
import { applicable } from "./conditions.js";

const wrappers = [...document.querySelectorAll("[data-field]")];
const fields = wrappers.map((wrapper) => ({
  id: wrapper.dataset.field,
  when: wrapper.dataset.when ? JSON.parse(wrapper.dataset.when) : null,
}));

function answersNow() {
  const answers = new Map();
  for (const wrapper of wrappers) {
    const given = [...wrapper.querySelectorAll("input, select, textarea")]
      .filter((control) => control.type !== "hidden")
      .filter((control) => control.checked || !/radio|checkbox/.test(control.type))
      .map((control) => control.value.trim().replace(/\s+/g, " "))
      .filter(Boolean);
    if (given.length) answers.set(wrapper.dataset.field, given);
  }
  return answers;
}

function show() {
  const asked = new Set(applicable(fields, answersNow()));
  for (const wrapper of wrappers) {
    // What the server complains about stays in sight, whatever we think.
    const wrong = wrapper.classList.contains("field--error");
    wrapper.hidden = !asked.has(wrapper.dataset.field) && !wrong;
  }
  for (const section of document.querySelectorAll("fieldset.section")) {
    const parts = [...section.querySelectorAll("[data-field]")];
    section.hidden = parts.every((part) => part.hidden);
  }
}

if (fields.some((field) => field.when)) {
  for (const sentence of document.querySelectorAll(".field__when")) sentence.hidden = true;
  document.addEventListener("input", show);
  document.addEventListener("change", show);
  show();
}

// Another language keeps what was typed: the link presses the button that does.
for (const button of document.querySelectorAll("[data-language]")) {
  const link = document.querySelector(`.languages a[hreflang="${button.dataset.language}"]`);
  if (link) {
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      button.click();
    });
  }
}

// The turn to send has not come: the button counts down, and a press on it is kept until
// then. Who comes back to the page does not wait anew.
const waiting = document.querySelector("[data-wait]");
const seconds = Number(waiting?.dataset.wait ?? 0);
if (seconds) {
  const turn = history.state?.turn ?? Date.now() + seconds * 1000;
  history.replaceState({ ...history.state, turn }, "");
  const button = waiting.querySelector(".actions .button");
  const counter = document.createElement("span");
  counter.ariaHidden = "true";
  // Two seconds pass while one reads: only a press makes them count.
  if (seconds > 2) button.append(counter);
  let pressed = false;

  const count = () => {
    const left = Math.ceil((turn - Date.now()) / 1000);
    counter.textContent = left > 0 ? ` (${left})` : "";
    if (left > 0) setTimeout(count, 250);
    else if (pressed) waiting.requestSubmit(button);
  };

  waiting.addEventListener("submit", (event) => {
    if (Date.now() >= turn || event.submitter?.hasAttribute("formaction")) return;
    event.preventDefault();
    (event.submitter ?? button).append(counter);
    pressed = true;
  });
  count();
}

// On paper a box shows only what fits into it: print what was typed as text instead.
addEventListener("beforeprint", () => {
  for (const box of document.querySelectorAll("main :is(input[type=text], input[type=email], input[type=tel], textarea)")) {
    if (!box.value) continue;
    const typed = document.createElement("p");
    typed.className = "typed print-only";
    typed.dir = box.dir;
    typed.textContent = box.value;
    box.after(typed);
    box.classList.add("typed-in");
  }
});

addEventListener("afterprint", () => {
  for (const typed of document.querySelectorAll(".typed")) typed.remove();
  for (const box of document.querySelectorAll(".typed-in")) box.classList.remove("typed-in");
});

// After sending: a mail server may refuse the address while the page is open.
const delivery = document.getElementById("delivery");
let looks = delivery && !delivery.childElementCount ? 60 : 0;

async function look() {
  if (!document.hidden) {
    looks -= 1;
    const answer = await fetch(location.href).catch(() => null);
    const page = answer?.ok ? await answer.text() : "";
    const found = new DOMParser().parseFromString(page, "text/html").querySelector("#delivery > *");
    if (found) {
      delivery.replaceChildren(found);
      looks = 0;
    }
  }
  if (looks) setTimeout(look, 10_000);
}

if (looks) setTimeout(look, 5_000);

// Who comes back to answers may be somebody else at the same computer. After sending, the
// page that said so comes again; after another site, where a page has a quick way out,
// the page from which one starts anew. Its mark says so to the pages before it.
const typed = document.querySelector("[data-typed]");

function hideTyped(traversed) {
  const { navigation } = window;
  const anew = typed.dataset.typed;
  const inAnyLanguage = anew.replace(/^\/moduli\/[^/]+/, "/moduli/[^/]+");
  const later = new RegExp(`${inAnyLanguage}(/inviata/|\\?vuoto$)`);
  const next = (navigation?.entries() ?? [])
    .slice(navigation?.currentEntry.index + 1)
    .find((entry) => later.test(entry.url) && entry.url !== location.href);
  const foreign = traversed && !navigation?.activation?.from;
  const careful = document.querySelector("[data-leave]");
  if (!next && !(foreign && careful)) return;
  document.documentElement.hidden = true;
  location.replace(next ? next.url : `${anew}?vuoto`);
}

if (typed) {
  hideTyped(performance.getEntriesByType("navigation")[0]?.type === "back_forward");
  window.addEventListener("pageshow", (event) => event.persisted && hideTyped(true));
}

document.querySelector(".error-summary")?.focus();
