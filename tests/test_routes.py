"""Every address of the service: printed paper and old mails carry them for years."""

GOLDEN = """
GET  /
GET  /<path:path>
GET  /healthz
GET  /metrics
GET  /moduli/<lang>/<form_id>
POST /moduli/<lang>/<form_id>
GET  /moduli/<lang>/<form_id>/bozza.pdf
POST /moduli/<lang>/<form_id>/bozza.pdf
GET  /moduli/<lang>/<form_id>/carica
POST /moduli/<lang>/<form_id>/carica
GET  /moduli/<lang>/<form_id>/conferma
POST /moduli/<lang>/<form_id>/conferma
GET  /moduli/<lang>/<form_id>/inviata/<token>
POST /moduli/<lang>/<form_id>/inviata/<token>
POST /moduli/<lang>/<form_id>/parere
GET  /moduli/<lang>/<form_id>/riepilogo
POST /moduli/<lang>/<form_id>/riepilogo
GET  /moduli/<lang>/link-perso
POST /moduli/<lang>/link-perso
GET  /moduli/<lang>/verifica-ricevuta
POST /moduli/<lang>/verifica-ricevuta
GET  /moduli/stato.json
GET  /moduli/static/<digest>/<path:name>
GET  /r/<token>
POST /r/<token>
"""


def routes(service) -> list[tuple[str, str]]:
    return sorted(
        (rule.rule, method)
        for rule in service.app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
    )


def test_the_addresses_of_citizens_are_exactly_these(service):
    golden = [tuple(line.split()) for line in GOLDEN.strip().splitlines()]
    found = [
        (method, rule)
        for rule, method in routes(service)
        if not rule.startswith("/staff")
    ]
    assert sorted(found) == sorted(golden)


def test_everything_else_is_staff_and_a_folder_of_the_site_cannot_hide_it(service):
    staff = [rule for rule, _ in routes(service) if rule.startswith("/staff")]
    assert staff
    folder = service.config.site_dir / "moduli" / "it" / "albo"
    folder.mkdir(parents=True)
    (folder / "index.html").write_text("<h1>hidden</h1>", encoding="utf-8")
    assert "hidden" not in service.get("/moduli/it/albo").text
