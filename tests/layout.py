"""Long words and long texts, and what of a page does not fit, on screen and paper."""

from playwright.sync_api import Page

# 84 letters, to be broken nowhere but by force.
WORD = {"it": "Anh" * 28, "ar": "سلام" * 21}
LINES = "\n".join(f"Riga {n}" for n in range(1, 41))
# Local part and domain as long as one label may be.
ADDRESS = f"{'a' * 64}@{'b' * 63}.example.org"
# Scrolls by itself: a table, a sheet of paper, on a phone a row of links.
SCROLLS = ".table-wrap, .sheet, .tabs, .desk-bar__menu ul"

FAULTS = """([scrolls, paper]) => {
  const found = [], closed = [...document.querySelectorAll("main details:not([open])")];
  for (const details of closed) details.open = true;
  const say = (e, what) => found.push(
    `${what}: ${e.scrollWidth} x ${e.scrollHeight} in ${e.clientWidth} x `
    + `${e.clientHeight}: ${e.outerHTML.slice(0, 160)}`);
  for (const e of document.documentElement.querySelectorAll(":scope, body, body *")) {
    const style = getComputedStyle(e);
    const unseen = !e.checkVisibility() || style.clipPath !== "none";
    if (unseen || style.display === "inline" || e.closest("svg")) continue;
    const wide = e.scrollWidth > e.clientWidth + 1;
    const high = e.scrollHeight > e.clientHeight + 1;
    if (/INPUT|SELECT/.test(e.tagName)) {
      if (paper && wide && e.type === "text") say(e, "cut on paper");
    } else if (wide && !e.matches(scrolls)) say(e, "sticks out");
    else if (high && /hidden|clip/.test(style.overflowY)) say(e, "cut");
    else if (high && paper && e.tagName === "TEXTAREA") say(e, "cut on paper");
  }
  for (const details of closed) details.open = false;
  return found;
}"""


def layout_faults(page: Page) -> list[str]:
    """Return what sticks out of its box or is cut, on the screen and then on paper."""
    found = list(page.evaluate(FAULTS, [SCROLLS, False]))
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    found += page.evaluate(FAULTS, [SCROLLS, True])
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen")
    return found
