"""The project's six forms, each of which takes what people answer."""

import shutil

import pytest

from forms_service import urls
from forms_service.definition import Channel, Role, clean
from random_answers import answers
from stored import rows_of
from this_project.conftest import CONTENT

FORMS = {"abitare", "albo", "formazione", "seminario", "sito-accessibile", "tuoi-dati"}
DELICATE = {"abitare", "tuoi-dati"}


def test_the_state_of_each_form_is_told(service):
    shown = service.client.get("/moduli/stato.json").get_json()
    assert {form_id: state["door"] for form_id, state in shown.items()} == {
        **dict.fromkeys(FORMS, "open"),
        "formazione": "not_open",
    }


def test_the_delicate_forms_are_marked(service):
    content = service.context.content
    assert {form for form in content.forms if content.form(form).delicate} == DELICATE


@pytest.mark.parametrize("form_id", sorted(FORMS))
def test_what_a_person_answers_is_stored_as_it_was_given(
    start_service, tmp_path, form_id
):
    content = shutil.copytree(CONTENT, tmp_path / "content")
    file = content / "forms" / "formazione.yml"
    text = file.read_text(encoding="utf-8")
    assert "opens: null" in text
    file.write_text(text.replace("opens: null", "opens: 2020-06-01", 1), "utf-8")
    service = start_service(content)
    typed = answers(service.context.content.form(form_id), "this project")
    summary = service.post(urls.summary(form_id, "it"), typed)
    assert summary.status == 200, summary.text
    done = service.post(urls.confirm(form_id, "it"), summary.controls())
    assert done.status == 303
    (stored,) = service.context.store.read(lambda db: rows_of(db, form_id))
    assert stored.answers
    assert set(stored.answers) <= set(typed)


def test_a_name_may_have_one_letter(service):
    content = service.context.content
    asked = 0
    for form_id in FORMS:
        form = content.form(form_id)
        if field := form.by_role(Role.NAME):
            asked += 1
            for name in ("O", "É", "吳"):
                cleaned = clean(form, {field.id: [name]}, Channel.WEB)
                assert cleaned.answers[field.id] == name
    assert asked == 5
