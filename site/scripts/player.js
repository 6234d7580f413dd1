// Offers the film inside the page. Nothing is asked of another machine before the
// button is pressed; without this script the plain link stays.
for (const place of document.querySelectorAll("[data-player]")) {
  place.hidden = false;
  place.querySelector("button").addEventListener("click", () => {
    const frame = document.createElement("iframe");
    frame.title = place.dataset.title;
    frame.allow = "autoplay; encrypted-media; fullscreen; picture-in-picture";
    // YouTube plays nothing for a page that does not say whose it is.
    frame.referrerPolicy = "strict-origin-when-cross-origin";
    frame.src = place.dataset.player;
    place.replaceChildren(frame);
    frame.focus();
  });
}
