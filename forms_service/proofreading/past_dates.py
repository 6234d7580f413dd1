"""Dates that have passed while a text still speaks of them as of something to come."""

import re
from collections.abc import Iterator
from datetime import date

from babel.dates import get_month_names

from ..caches import remembered
from ..content.folder import Content
from ..content.pages import LINK, Page
from ..definition.problems import Problem

# Words after which a date is a limit, and words of sentences that tell the past.
LIMITS = {
    "it": r"entro|fino al?|fino all[’']|scad\w*|non oltre",
    "en": r"by|until|no later than|before|closes|ends",
}
_PAST = {
    "it": r"era|erano|è stat\w|sono stat\w|scadut\w|chius\w|è finit\w",
    "en": r"was|were|has been|have been|closed|ended",
}
_INVITING = ("service", "pdf", "form")
# In a title: cancelled, postponed, in the languages of the program and in German.
_FATE = re.compile(
    r"\b(?:annullat|rinviat|sospes[oa]|cancell?ed|postponed|called off|annulée?|"
    r"reportée?|anulat|amânat|anuluar|shtyr|скасован|відкладен|abgesagt|verschoben)\w*|"
    r"أُ?لغي|ملغى|مؤجل",
    re.IGNORECASE,
)


def passed_dates(text: str, lang: str, today: date) -> Iterator[tuple[int, str]]:
    """Yield where a limit is told that is over, and its words.

    A date counts only after a word such as "entro", in a sentence that does not tell
    the past; languages without such words have none.
    """
    if lang not in LIMITS:
        return
    for found in _limit(lang).finditer(text):
        day = _day(found, lang)
        if day and day < today and not _in_past_tense(text, found, lang):
            yield found.start(), " ".join(found[0].split())


@remembered("month names")
def _months(lang: str) -> dict[str, int]:
    names = get_month_names("wide", locale=lang)
    return {name.casefold(): number for number, name in names.items()}


@remembered("date limits")
def _limit(lang: str) -> re.Pattern[str]:
    months = "|".join(map(re.escape, _months(lang)))
    return re.compile(
        rf"\b(?:{LIMITS[lang]})\b[^.!?:;\n]{{0,30}}?\b(?:"
        r"(?P<iso>\d{4}-\d\d-\d\d)"
        r"|(?P<d>\d{1,2})[°º]?\s+(?P<name>" + months + r")\s+(?P<y>\d{4})"
        r"|(?P<dd>\d{1,2})/(?P<mm>\d{1,2})/(?P<yy>\d{4}))\b",
        re.IGNORECASE,
    )


def _day(found: re.Match[str], lang: str) -> date | None:
    try:
        if found["iso"]:
            return date.fromisoformat(found["iso"])
        if found["name"]:
            month = _months(lang)[found["name"].casefold()]
            return date(int(found["y"]), month, int(found["d"]))
        return date(int(found["yy"]), int(found["mm"]), int(found["dd"]))
    except ValueError:
        return None


def _in_past_tense(text: str, found: re.Match[str], lang: str) -> bool:
    begin = max(text.rfind(mark, 0, found.start()) for mark in ".!?\n") + 1
    end = re.search(r"[.!?\n]|$", text[found.end() :])
    sentence = text[begin : found.end() + (end.start() if end else 0)]
    return bool(re.search(rf"\b(?:{_PAST[lang]})\b", sentence, re.IGNORECASE))


def still_inviting(
    page: Page, content: Content, file: str, today: date
) -> Iterator[Problem]:
    """Yield the links that invite to fill in a form that is closed.

    The list of forms and the cards tell by themselves that a form is closed; the
    buttons on top of the first page and links in a text do not. News are history.
    """
    if page.published:
        return
    for place, link, sign in _links(page):
        scheme, _, form_id = link.partition(":")
        form = content.forms.get(form_id, {}).get(content.main_language)
        if scheme not in _INVITING[: 3 if sign else 2] or form is None:
            continue
        if form.closes and form.closes < today:
            advice = (
                f"the form “{form_id}” is closed since {form.closes}: invite no more"
            )
            yield Problem(file, place, advice)


def _links(page: Page) -> Iterator[tuple[str, str, bool]]:
    """Yield place and target of each link, and whether it is a button."""
    if page.hero:
        for key, action in (("action", page.hero.action), ("second", page.hero.second)):
            if action:
                yield f"hero.{key}.to", action.to, True
    for found in LINK.finditer(page.body):
        line = page.first_line + page.body.count("\n", 0, found.start())
        yield f"line {line}", found[2], False


def fate_in_titles(content: Content) -> Iterator[Problem]:
    """Yield events that are called off in their title, where only readers see it."""
    for event_id, languages in content.events.items():
        for lang, event in languages.items():
            found = _FATE.search(event.title)
            if found and event.takes_place and not event.moved_from:
                suffix = "" if lang == content.main_language else f".{lang}"
                file = f"{content.folder.name}/events/{event_id}{suffix}.yml"
                advice = (
                    f"“{found[0]}” reaches no mail and no calendar: write status: "
                    "cancelled, or postponed"
                )
                yield Problem(file, "title", advice)
