// The way out of a page that somebody else must not see: the page goes blank at once
// and the neutral one takes its place, so that "back" does not lead here. Without this
// script the link leads there too.
const link = document.querySelector("[data-leave]");
const IN_A_ROW = 3;
const WITHIN = 3000;
let pressed = [];

for (const sentence of document.querySelectorAll("[data-keys-leave]")) {
  sentence.hidden = false;
}

function leave() {
  document.documentElement.hidden = true;
  document.title = "\u2026";
  window.location.replace(link.href);
}

link.addEventListener("click", (event) => {
  event.preventDefault();
  leave();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") {
    pressed = [];
    return;
  }
  pressed = [...pressed.filter((time) => event.timeStamp - time < WITHIN), event.timeStamp];
  if (pressed.length === IN_A_ROW) {
    leave();
  }
});
