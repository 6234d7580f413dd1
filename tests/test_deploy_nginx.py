"""deploy/nginx with a real nginx: what it sends, what it says alone, what it logs."""

import gzip
import http.client
import json
import os
import re
import socket
import ssl
import subprocess
import time
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from lxml import html

from conftest import ROOT
from forms_service.content import load_content
from nginx_maps import write_maps
from sample_content import SAMPLE
from test_deploy import tools

pytestmark = pytest.mark.slow
EXAMPLE = ROOT / "deploy" / "nginx" / "forms.conf"
TOKEN = "ZXlKaGJHY2lPaUpJVXpJMU5pSjkudG9rZW4"
# What service and nginx must say alike of a file of the site.
ALIKE = (
    "Content-Type",
    "Cache-Control",
    "Content-Security-Policy",
    "X-Content-Type-Options",
    "X-Frame-Options",
    "Referrer-Policy",
    "Cross-Origin-Opener-Policy",
    "Permissions-Policy",
)


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def lang(self) -> str:
        return str(html.document_fromstring(self.body).get("lang"))


@dataclass
class Front:
    """A running nginx."""

    port: int
    logs: Path

    def get(self, path: str, **headers: str) -> Answer:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        line = http.client.HTTPSConnection("127.0.0.1", self.port, context=context)
        line.putrequest("GET", path, skip_accept_encoding=True)
        for name, value in headers.items():
            line.putheader(name.replace("_", "-"), value)
        line.endheaders()
        answer = line.getresponse()
        found = Answer(answer.status, answer.headers, answer.read())
        line.close()
        return found

    def logged(self) -> str:
        return "".join(file.read_text() for file in self.logs.iterdir())


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def configured(folder: Path, public: Path, upstream: int, port: int) -> Path:
    """Write the example as on a server, with this machine's paths and ports."""
    content = load_content(SAMPLE).project
    (folder / "en").mkdir()
    (folder / ".policies.json").write_text((public / ".policies.json").read_text())
    write_maps(folder, replace(content, gone=("/vecchia/", "/en/old/")))
    installing = [ROOT / "deploy/reload-nginx", folder / ".nginx.conf", folder / "maps"]
    subprocess.run(installing, env=os.environ | {"NGINX": "true"}, check=True)
    key = ["-keyout", str(folder / "key"), "-out", str(folder / "cert")]
    subprocess.run(
        ["openssl", "req", "-x509", "-nodes", "-newkey", "rsa:2048", "-subj", "/CN=a"]
        + key,
        check=True,
        capture_output=True,
    )
    text = EXAMPLE.read_text(encoding="utf-8")
    for old, new in {
        "/etc/nginx/forms-site.conf": str(folder / "maps"),
        "127.0.0.1:8000": f"127.0.0.1:{upstream}",
        "    listen [::]:80;\n": "",
        "listen 80": f"listen 127.0.0.1:{free_port()}",
        "    listen [::]:443 ssl http2;\n": "",
        "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
        "/etc/letsencrypt/live/forms.example.org/fullchain.pem": str(folder / "cert"),
        "/etc/letsencrypt/live/forms.example.org/privkey.pem": str(folder / "key"),
        "/var/log/nginx": str(folder / "log"),
        "/opt/forms/build/public": str(public),
    }.items():
        assert old in text, old
        text = text.replace(old, new)
    (folder / "log").mkdir()
    (folder / "site.conf").write_text(text, encoding="utf-8")
    user = "user root;\n" if os.geteuid() == 0 else ""
    spool = "".join(
        f"{name}_temp_path {folder}/{name};\n"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    main = folder / "nginx.conf"
    main.write_text(
        f"{user}daemon off;\npid {folder}/pid;\nerror_log {folder}/log/nginx.log;\n"
        "events {}\nhttp {\ninclude /etc/nginx/mime.types;\n"
        f"default_type application/octet-stream;\n{spool}"
        f"include {folder}/site.conf;\n}}\n"
    )
    return main


@pytest.fixture
def front(run_folder, tmp_path, built, start_service):
    """Nginx as in the example, before a running service with the built site."""
    tools(run_folder)
    service = start_service(site_dir=built.public)
    upstream = int(service.address.rpartition(":")[2])
    port = free_port()
    main = configured(tmp_path, built.public, upstream, port)
    test = ["nginx", "-t", "-c", str(main)]
    assert not (done := subprocess.run(test, capture_output=True)).returncode, done
    with subprocess.Popen(["nginx", "-c", str(main)]) as server:
        try:
            wait_for(port)
            yield Front(port, tmp_path / "log"), service
        finally:
            server.terminate()


def wait_for(port: int) -> None:
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail("nginx does not listen")


def test_a_server_sends_what_the_service_would_send_and_speaks_when_it_is_silent(
    front, built
):
    nginx, service = front
    sent_alike(nginx, service, built)
    said_to_the_lost(nginx)
    spoken_to(nginx, int(PLAIN.search(site_conf(nginx))[1]))
    handed_on(nginx)
    stop(service._server)
    said_alone(nginx)
    written_to_the_log(nginx)


def site_conf(nginx):
    return (nginx.logs.parent / "site.conf").read_text(encoding="utf-8")


def spoken_to(nginx, plain):
    """Lead people over to https, not programs; take no cipher of former times."""
    said = {}
    for path in ("/", "/moduli/it/volontari", "/healthz", "/documenti/it/a.ics"):
        line = http.client.HTTPConnection("127.0.0.1", plain)
        line.request("GET", path)
        said[path] = line.getresponse().status
        line.close()
    assert [*said.values()] == [301, 301, 403, 403], said
    for suite, taken in (("ECDHE-RSA-AES128-GCM-SHA256", True), ("AES128-SHA", False)):
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(f"{suite}:@SECLEVEL=0")
        with socket.create_connection(("127.0.0.1", nginx.port)) as bare:
            try:
                context.wrap_socket(bare).close()
            except ssl.SSLError:
                assert not taken, suite
            else:
                assert taken, suite


def stop(server):
    """End a service at once, with the connections that nginx keeps open."""
    server.close()
    for channel in list(server.active_channels.values()):
        channel.handle_close()


def sent_alike(nginx, service, built):
    files = [
        file.relative_to(built.public).as_posix()
        for file in sorted(built.public.rglob("*"))
        if file.is_file() and file.suffix not in (".gz", ".br")
    ]
    paths = [f"/{name.removesuffix('index.html')}" for name in files]
    paths = [path for path in paths if "/." not in path and "/pagefind/" not in path]
    paths = [path for path in paths if path.rpartition("/")[2] not in TROUBLES]
    assert len(paths) > 30
    for path in paths:
        ours, theirs = service.client.get(path), nginx.get(path)
        assert theirs.status == 200, path
        assert theirs.body == ours.get_data(), path
        for name in ALIKE:
            assert theirs.headers.get_all(name) == ours.headers.getlist(name) or (
                # An icon or a PDF is no page: no policy is needed.
                name == "Content-Security-Policy" and not theirs.headers.get(name)
            ), (path, name)
    record = json.loads((built.public / ".policies.json").read_text())
    for page, policy in record.items():
        if page not in TROUBLES and page.rpartition("/")[2] not in TROUBLES:
            sent = nginx.get(f"/{page}").headers["Content-Security-Policy"]
            assert sent == policy, page
    packed = nginx.get("/", Accept_Encoding="gzip")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.body) == nginx.get("/").body


PLAIN = re.compile(r"listen 127\.0\.0\.1:(\d+);")
TROUBLES = ("404.html", "410.html", "503.html")


def said_to_the_lost(nginx):
    for path, status, lang in (
        ("/nulla/", 404, "it"),
        ("/en/nothing/", 404, "en"),
        ("/assets/", 404, "it"),
        ("/vecchia/", 410, "it"),
        ("/vecchia", 410, "it"),
        ("/en/old/", 410, "en"),
        ("/.policies.json", 404, "it"),
        ("/.nginx.conf", 404, "it"),
        ("/503.html", 404, "it"),
        ("/metrics", 404, "it"),
    ):
        answer = nginx.get(path)
        assert (answer.status, answer.lang) == (status, lang), path
        policy = answer.headers.get_all("Content-Security-Policy")
        assert policy[0].startswith("default-src 'none'"), path
        assert len(policy) == 1


def handed_on(nginx):
    answer = nginx.get("/moduli/en/volontari")
    assert (answer.status, answer.lang) == (200, "en")
    for name in (*ALIKE[1:4], "Strict-Transport-Security"):
        assert len(answer.headers.get_all(name)) == 1, name
    # The service says itself what it does not have.
    assert nginx.get("/moduli/en/nothing").status == 404
    nginx.get(f"/r/{TOKEN}")
    # Whoever types a token by hand may begin with a capital letter.
    typed = {"R": 302, "moduli/it/volontari/Inviata": 302, "Staff/benvenuto": 404}
    for path, status in typed.items():
        assert nginx.get(f"/{path}/{TOKEN}").status == status


def said_alone(nginx):
    for path, lang in (
        ("/moduli/it/volontari", "it"),
        ("/moduli/en/volontari", "en"),
        (f"/r/{TOKEN}", "it"),
        (f"/%72/{TOKEN}", "it"),
        (f"//r/{TOKEN}", "it"),
        (f"/x/../r/{TOKEN}", "it"),
        (f"/moduli/it/volontari/inviata/{TOKEN}?a={TOKEN}", "it"),
        (f"/staff/benvenuto/{TOKEN}", "it"),
    ):
        answer = nginx.get(path, Referer=f"https://a/r/{TOKEN}")
        assert (answer.status, answer.lang) == (503, lang), path
        assert answer.headers["Cache-Control"] == "no-store"
    assert nginx.get("/").status == 200


def written_to_the_log(nginx):
    time.sleep(0.2)
    logged = nginx.logged()
    assert TOKEN not in logged
    assert "127.0.0.1" not in logged
    sent = "/moduli/it/volontari/inviata/- 503"
    for known in ("/r/- 503", sent, "/staff/- 503", "(other) 503", "/ 200"):
        assert f" {known} " in logged, known
