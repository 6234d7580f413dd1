"""deploy/many/: what the files name is there; nginx and two services are run.

Containers and Kubernetes are not run here: their files are read for what must hold
together.
"""

import http.client
import os
import re
import secrets
import signal
import ssl
import subprocess
import time
from urllib.parse import urlencode

import pytest
import yaml
from lxml import html

from citizen import VOLUNTEER
from conftest import ROOT
from forms_service.config import SETTINGS, Config
from sample_content import SAMPLE
from servers import DATABASE, Server, free_port
from service import LOG_KEYS
from test_cli_serve import KEYS, Process
from test_deploy import tools

MANY = ROOT / "deploy" / "many"
COMPOSE = yaml.safe_load((MANY / "compose.yml").read_text(encoding="utf-8"))
OBJECTS = [
    found
    for file in sorted((MANY / "kubernetes").glob("*.yaml"))
    for found in yaml.safe_load_all(file.read_text(encoding="utf-8"))
]
FORM = "/moduli/it/volontari"


def of_kind(kind):
    return {o["metadata"]["name"]: o for o in OBJECTS if o["kind"] == kind}


# --- read


def test_compose_names_only_what_is_there():
    services = COMPOSE["services"]
    for name, service in services.items():
        assert set(service.get("secrets", ())) <= COMPOSE["secrets"].keys(), name
        assert set(service.get("depends_on", ())) <= services.keys(), name
        assert service["networks"] == ["inside"], name
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            known = source in COMPOSE["volumes"] or (MANY / source).exists()
            assert known, volume
    text = (MANY / "nginx.conf").read_text(encoding="utf-8")
    assert re.findall(r"server (\w+):8000", text) == ["one", "two"]
    for file in ("replication.sh", "standby.sh"):
        subprocess.run(["sh", "-n", MANY / file], check=True)
        assert os.access(MANY / file, os.X_OK)
    networks = COMPOSE["networks"]["inside"]["ipam"]["config"]
    subnet = networks[0]["subnet"]
    assert services["one"]["environment"]["FORMS_TRUSTED_PROXIES"] == subnet
    assert subnet in (MANY / "replication.sh").read_text(encoding="utf-8")


def secret_files():
    """Return each set of settings, and the files that are mounted beside them."""
    one = COMPOSE["services"]["one"]
    yield one["environment"], {f"/run/secrets/{name}" for name in one["secrets"]}
    pod = of_kind("StatefulSet")["forms"]["spec"]["template"]["spec"]
    mounts = {m["name"]: m["mountPath"] for m in pod["containers"][0]["volumeMounts"]}
    given = {
        f"{mounts['secrets']}/{name}"
        for name in re.findall(
            r"--from-file=([\w-]+)", (MANY / "README.md").read_text()
        )
    }
    yield (
        of_kind("ConfigMap")["forms-settings"]["data"],
        given | {f"{mounts['database']}/uri"},
    )


@pytest.mark.parametrize("number", [0, 1])
def test_settings_are_ours_and_their_secrets_are_mounted_files(number):
    settings, mounted = list(secret_files())[number]
    known = {setting.name: setting for setting in SETTINGS}
    for name, value in settings.items():
        assert name.removesuffix("_FILE") in known
        if name.endswith("_FILE"):
            assert known[name.removesuffix("_FILE")].secret
            assert value in mounted
    plain = {n: v for n, v in settings.items() if not n.endswith("_FILE")}
    assert Config.from_environment({**plain, "FORMS_ENV": "production"}).listen[1]
    assert not [n for n in plain if known[n].secret]


def test_what_selects_finds_and_what_is_named_is_there():
    pods = [
        each["spec"]["template"]
        for kind in ("StatefulSet", "Deployment")
        for each in of_kind(kind).values()
    ]
    labels = [pod["metadata"]["labels"] for pod in pods]
    for kind in ("StatefulSet", "Deployment", "PodDisruptionBudget"):
        for each in of_kind(kind).values():
            assert each["spec"]["selector"]["matchLabels"] in labels
    ports = {
        port["name"]
        for pod in pods
        for container in pod["spec"]["containers"]
        for port in container["ports"]
    }
    for service in of_kind("Service").values():
        assert service["spec"]["selector"] in labels
        assert {port["targetPort"] for port in service["spec"]["ports"]} <= ports
    (ingress,) = of_kind("Ingress").values()
    for path in ingress["spec"]["rules"][0]["http"]["paths"]:
        assert path["backend"]["service"]["name"] in of_kind("Service")
    for pod in pods:
        spec = pod["spec"]
        assert spec["securityContext"]["runAsNonRoot"]
        volumes = {volume["name"] for volume in spec["volumes"]} | {"data"}
        for container in spec["containers"]:
            assert {m["name"] for m in container["volumeMounts"]} <= volumes
            assert not container["securityContext"]["allowPrivilegeEscalation"]
            assert container["readinessProbe"]


def test_one_of_the_services_is_always_there():
    spec = of_kind("StatefulSet")["forms"]["spec"]
    assert spec["replicas"] == 2
    assert spec["updateStrategy"] == {"type": "RollingUpdate"}
    assert of_kind("PodDisruptionBudget")["forms"]["spec"]["minAvailable"] == 1
    database = of_kind("Cluster")["forms-db"]["spec"]
    assert database["postgresql"]["synchronous"]["number"] < database["instances"] - 1
    # A service without its database answers better than none.
    (container,) = spec["template"]["spec"]["containers"]
    assert set(container["livenessProbe"]) & {"httpGet", "tcpSocket"} == {"tcpSocket"}


# --- run


@pytest.fixture
def database():
    server = Server()
    server.start()
    server.execute(f"CREATE DATABASE {DATABASE}")
    yield server
    server.remove()


@pytest.fixture
def limits(tmp_path):
    """The counters that both services share."""
    port = free_port()
    command = ["redis-server", "--port", str(port), "--save", "", "--dir", tmp_path]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as running:
        yield f"redis://127.0.0.1:{port}"
        running.terminate()


@pytest.fixture
def services(database, limits, tmp_path):
    settings = {
        "FORMS_DATABASE_URL": f"postgresql://tests@127.0.0.1:{database.port}/{DATABASE}",
        "FORMS_LIMITS_URL": limits,
        "FORMS_TRUSTED_PROXIES": "127.0.0.0/8",
        "FORMS_SECRET_KEYS": KEYS,
        "FORMS_LOG_KEYS": LOG_KEYS[0],
        "FORMS_SUMMARY_SECONDS": "0",
    }
    started = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        started.append(Process(tmp_path / name, SAMPLE, "serve", **settings))
        started[-1].wait_for("Staff:", 120)
    yield started
    for service in started:
        if service.running.poll() is None:
            service.end()


@pytest.fixture
def front(services, run_folder, tmp_path):
    """The port of a real nginx with deploy/many/nginx.conf."""
    tools(run_folder)
    port, folder = free_port(), tmp_path / "nginx"
    folder.mkdir()
    subprocess.run(
        ["openssl", "req", "-x509", "-nodes", "-newkey", "rsa:2048", "-subj", "/CN=a",
         "-keyout", folder / "key", "-out", folder / "cert"],
        check=True, capture_output=True,
    )  # fmt: skip
    text = (MANY / "nginx.conf").read_text(encoding="utf-8")
    one, two = (service.base.removeprefix("http://") for service in services)
    for old, new in {
        "one:8000": one,
        "two:8000": two,
        "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
        "/run/secrets/certificate-key": str(folder / "key"),
        "/run/secrets/certificate": str(folder / "cert"),
        "/dev/stdout": str(folder / "access"),
        "/dev/stderr": str(folder / "error"),
    }.items():
        assert old in text, old
        text = text.replace(old, new)
    user = "user root;\n" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        f"{user}daemon off;\npid {folder}/pid;\nevents {{}}\nhttp {{\n{text}\n}}\n"
    )
    command = ["nginx", "-e", folder / "early", "-c", folder / "nginx.conf"]
    with subprocess.Popen(command) as running:
        yield port, folder / "access"
        running.terminate()


def ask(port, method, path, body=""):
    """Ask nginx; wait for it while it starts."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    for _ in range(200):
        line = http.client.HTTPSConnection("127.0.0.1", port, context=context)
        try:
            kind = {"Content-Type": "application/x-www-form-urlencoded"}
            line.request(method, path, body, kind if body else {})
            answer = line.getresponse()
            return answer.status, answer.headers, answer.read().decode()
        except ConnectionRefusedError:
            time.sleep(0.1)
        finally:
            line.close()
    raise AssertionError("nginx does not answer")


def fields_of(said):
    return html.document_fromstring(said).xpath("//main//form")[0].form_values()


def send(port):
    """Fill in, read, confirm, pressing again where told to; return what was typed."""
    email = f"{secrets.token_hex(8)}@{secrets.token_hex(4)}.example.org"
    typed = VOLUNTEER | {"email": email, "nome_completo": f"Anh {email[:8]}"}
    for wanted, path in ((200, f"{FORM}/riepilogo"), (303, f"{FORM}/conferma")):
        for _ in range(60):
            status, headers, said = ask(
                port, "POST", path, urlencode(typed, doseq=True)
            )
            if status == wanted:
                break
            assert status == 503, said
            time.sleep(0.5)
        assert status == wanted
        if wanted == 200:
            typed = fields_of(said)
    status, _, said = ask(port, "GET", headers["Location"].partition("#")[0])
    assert status == 200
    assert "Controlla la posta" in said
    return email


@pytest.mark.slow
def test_the_journey_goes_on_when_a_service_is_killed(database, services, front):
    port, access = front
    assert ask(port, "GET", "/moduli/stato.json")[0] == 200
    assert ask(port, "GET", "/metrics")[0] == 404
    sent = [send(port) for _ in range(3)]
    services[0].running.send_signal(signal.SIGKILL)
    services[0].running.wait()
    sent += [send(port) for _ in range(4)]
    stored = database.execute("SELECT email FROM submissions", DATABASE)
    assert sorted(email for (email,) in stored) == sorted(sent)
    logged = access.read_text()
    assert all(each.base.removeprefix("http://") in logged for each in services)
    assert "/inviata/- 200" in logged
    services[1].running.send_signal(signal.SIGKILL)
    services[1].running.wait()
    status, headers, said = ask(port, "GET", FORM)
    assert (status, headers["Retry-After"]) == (503, "10")
    assert "try again" in said
