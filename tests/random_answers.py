"""Answers as people give them: any choice, any script, by the luck of a number."""

from datetime import date, timedelta
from random import Random
from zoneinfo import ZoneInfo

from forms_service.definition import Field, FormDefinition, Place, clean, type_of
from forms_service.words import Words

Raw = dict[str, list[str]]
TODAY = date(2020, 6, 20)
TEXTS = (
    "Nguyễn Thị Ánh",
    "Соломія Ґудзь-Їжакевич",
    "محمد بن عليّ السلام (Esempio) 12",
    "Ștefania Țăranu",
    "Çelë Gjergj Ëndërr",
    "D’Angelo & figli <b>",
    "=1+1",
    "你好 😀 a\\b (c)",
)
LONG = "1. Perché sì; {}\n2. «qui» 50 %\n3. مرحبا بكم\n" + "è " * 40
BY_ROLE = {"name": TEXTS, "organisation": TEXTS}
BY_TYPE = {
    "text": TEXTS,
    "textarea": tuple(LONG.format(text) for text in TEXTS),
    "email": ("anh.nguyen@example.org", "o'neil+a@example.org"),
    "phone": ("+39 0564 484111", "347 1234567"),
}
ENGLISH = Words("en", ZoneInfo("Europe/Rome"))


def answers(form: FormDefinition, seed: object) -> Raw:
    """Return controls of the web form that the validator accepts."""
    chance = Random(f"{form.id} {form.lang} {seed}")  # noqa: S311
    for _ in range(100):
        raw: Raw = {}
        for asked in form.at(Place.WEB):
            raw |= _given(asked, chance)
        if clean(form, raw, Place.WEB, TODAY).ok:
            return raw
    raise AssertionError(f"no valid answers for {form.id}")


def _given(asked: Field, chance: Random) -> Raw:
    """Return the controls of one field, sometimes none."""
    kind = type_of(asked)
    if not kind.controls(asked):
        return {}
    if not asked.required_at(Place.WEB) and chance.random() < 0.3:
        return {}
    if kind.has_choices:
        ids = [choice.id for choice in asked.choices]
        some = chance.randint(1, len(ids)) if kind.multiple else 1
        chosen = set(chance.sample(ids, some))
        return {asked.id: [one for one in ids if one in chosen]}
    if kind.limited is date:
        low, high = asked.limits.days(TODAY)
        low, high = low or date(1930, 1, 1), high or date(2040, 1, 1)
        day = low + timedelta(days=chance.randint(0, (high - low).days))
        return kind.raw(asked, day.isoformat())
    if kind.numeric:
        most = asked.limits.max if isinstance(asked.limits.max, int) else 9
        return {asked.id: [str(chance.randint(1, most))]}
    texts = BY_ROLE.get(asked.role or "") or BY_TYPE.get(asked.type)
    if texts is None:
        return kind.sample(asked, chance.randint(1, 9), ENGLISH)
    text = chance.choice(texts)
    most = asked.limits.max if isinstance(asked.limits.max, int) else 1000
    return {asked.id: [text[:most].strip()]}
