"""Every address of the service: printed paper and old mails carry them for years."""

GOLDEN = """
GET  /
GET  /.well-known/security.txt
GET  /<path:path>
GET  /documenti/<lang>/<event_id>.ics
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
GET  /moduli/<lang>/<form_id>/inviata/<token>/codice
POST /moduli/<lang>/<form_id>/inviata/<token>/codice
GET  /moduli/<lang>/<form_id>/inviata/<token>/indirizzo
POST /moduli/<lang>/<form_id>/inviata/<token>/indirizzo
GET  /moduli/<lang>/<form_id>/inviata/<token>/ricevuta
POST /moduli/<lang>/<form_id>/inviata/<token>/ricevuta
GET  /moduli/<lang>/<form_id>/inviata/<token>/rimanda
POST /moduli/<lang>/<form_id>/inviata/<token>/rimanda
POST /moduli/<lang>/<form_id>/parere
GET  /moduli/<lang>/<form_id>/riepilogo
POST /moduli/<lang>/<form_id>/riepilogo
GET  /moduli/<lang>/link-perso
POST /moduli/<lang>/link-perso
GET  /moduli/<lang>/verifica-ricevuta
POST /moduli/<lang>/verifica-ricevuta
GET  /moduli/static/<digest>/<path:name>
GET  /moduli/stato.json
GET  /r/<token>
POST /r/<token>
GET  /r/<token>/cancella
POST /r/<token>/cancella
GET  /r/<token>/cancella/conferma
POST /r/<token>/cancella/conferma
GET  /r/<token>/codice
POST /r/<token>/codice
GET  /r/<token>/conferma
POST /r/<token>/conferma
GET  /r/<token>/correggi
POST /r/<token>/correggi
GET  /r/<token>/correggi/codice
POST /r/<token>/correggi/codice
GET  /r/<token>/correggi/conferma
POST /r/<token>/correggi/conferma
GET  /r/<token>/correggi/modulo
POST /r/<token>/correggi/modulo
GET  /r/<token>/correggi/riepilogo
POST /r/<token>/correggi/riepilogo
GET  /r/<token>/dati
POST /r/<token>/dati
GET  /r/<token>/nuovo-link
POST /r/<token>/nuovo-link
GET  /r/<token>/ricevuta
POST /r/<token>/ricevuta
GET  /r/<token>/risposte
POST /r/<token>/risposte
GET  /r/<token>/resto
POST /r/<token>/resto
GET  /r/<token>/ritira
POST /r/<token>/ritira
GET  /r/<token>/ritira/conferma
POST /r/<token>/ritira/conferma
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
    folder = service.config.site_dir / "moduli" / "it" / "volontari"
    folder.mkdir(parents=True)
    (folder / "index.html").write_text("<h1>hidden</h1>", encoding="utf-8")
    assert "hidden" not in service.get("/moduli/it/volontari").text
