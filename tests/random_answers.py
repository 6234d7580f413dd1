"""Answers as people give them: any choice, any script, by the luck of a number."""

from datetime import date, timedelta
from random import Random
from zoneinfo import ZoneInfo

from forms_service.definition import Channel, Field, FormDefinition, clean, type_of
from forms_service.i18n import Translator

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
ENGLISH = Translator("en", ZoneInfo("Europe/Rome"))


def answers(form: FormDefinition, seed: object) -> Raw:
    """Return controls of the web form that the validator accepts."""
    chance = Random(f"{form.id} {form.lang} {seed}")  # noqa: S311
    for _ in range(100):
        raw: Raw = {}
        for field in form.at(Channel.WEB):
            raw |= _given(field, chance)
        if clean(form, raw, Channel.WEB, TODAY).ok:
            return raw
    raise AssertionError(f"no valid answers for {form.id}")


def _given(field: Field, chance: Random) -> Raw:
    """Return the controls of one field, sometimes none."""
    kind = type_of(field)
    if not kind.controls(field):
        return {}
    if not field.required_at(Channel.WEB) and chance.random() < 0.3:
        return {}
    if kind.has_choices:
        ids = [choice.id for choice in field.choices]
        some = chance.randint(1, len(ids)) if kind.multiple else 1
        chosen = set(chance.sample(ids, some))
        return {field.id: [element_id for element_id in ids if element_id in chosen]}
    if kind.limited is date:
        low, high = field.limits.days(TODAY)
        low, high = low or date(1930, 1, 1), high or date(2040, 1, 1)
        day = low + timedelta(days=chance.randint(0, (high - low).days))
        return kind.raw(field, day.isoformat())
    if kind.numeric:
        most = field.limits.max if isinstance(field.limits.max, int) else 9
        return {field.id: [str(chance.randint(1, most))]}
    texts = BY_ROLE.get(field.role or "") or BY_TYPE.get(field.type)
    if texts is None:
        return kind.sample(field, chance.randint(1, 9), ENGLISH)
    text = chance.choice(texts)
    most = field.limits.max if isinstance(field.limits.max, int) else 1000
    return {field.id: [text[:most].strip()]}
