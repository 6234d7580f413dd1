"""deploy/: every command, setting and path it names is there; what runs is run."""

import configparser
import os
import re
import subprocess
import sys
from pathlib import Path
from signal import SIGSYS

import pytest
import yaml

from conftest import ROOT, alone
from forms_service import urls
from forms_service.cli.commands import COMMANDS
from forms_service.cli.serve import Unfit
from forms_service.config import SETTINGS, Config
from forms_service.content import load_content
from sample_content import SAMPLE
from test_cli_serve import Process, healthy, in_production

DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]
BACKUPS_DAYS = load_content(SAMPLE).project.privacy.backups_days


def tools(run_folder: Path) -> None:
    """Have what deploy/ is made for; fail with the command that installs it."""
    with alone(run_folder / "deploy.lock"):
        command = ["sh", str(ROOT / "requirements" / "system.sh"), "deploy"]
        done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        pytest.fail(done.stderr)


def unit(file: Path) -> configparser.ConfigParser:
    parser = configparser.RawConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(file)
    return parser


def every_text() -> str:
    files = [file for file in sorted(DEPLOY.rglob("*")) if file.is_file()]
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


def test_every_path_of_the_program_that_is_named_is_there():
    named = set(
        re.findall(r"/opt/forms/((?:deploy|site|content)[\w./-]*)", every_text())
    )
    assert {"deploy/backup", "deploy/reload-nginx", "content"} <= named
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_every_command_and_setting_that_is_named_is_there():
    text = every_text()
    known = set(COMMANDS)
    named = set(
        re.findall(r"forms-service\"? (backup|restore|serve|check|[a-z]+ )", text)
    ) | set(re.findall(r"deploy/command ([a-z]+)", text))
    assert {word.strip() for word in named} - {"and", "says", "answers"} <= known | {""}
    settings = {setting.name for setting in SETTINGS}
    used = set(re.findall(r"\b(?:FORMS|SITE)_[A-Z_]+\b", text)) - {"FORMS_SERVICE"}
    assert {name.removesuffix("_FILE") for name in used - {"FORMS_BIN"}} <= settings


def test_the_example_of_the_settings_can_be_read_and_is_fit_but_for_its_secrets():
    lines = (DEPLOY / "forms.env.example").read_text(encoding="utf-8").splitlines()
    given = dict(line.split("=", 1) for line in lines if line and line[0] != "#")
    config = Config.from_environment(given)
    assert config.production
    found = config.production_problems()
    assert [line.partition(":")[0] for line in found] == [
        "FORMS_SECRET_KEYS",
        "FORMS_LOG_KEYS",
        "FORMS_SMTP_URL",
    ]


def test_the_unit_may_write_the_mailbox_that_the_example_names():
    example = (DEPLOY / "forms.env.example").read_text(encoding="utf-8")
    (named,) = re.findall(r"^#FORMS_BOUNCES=(.*)$", example, re.MULTILINE)
    service = unit(DEPLOY / "systemd" / "forms-service.service")["Service"]
    assert Path(service["ReadWritePaths"].lstrip("-")) in Path(named).parents


@pytest.mark.parametrize("file", SERVICES, ids=lambda file: file.stem)
def test_no_unit_runs_as_root_or_may_become_it(file):
    service = unit(file)["Service"]
    assert service["User"] in ("forms", "forms-site")
    for key in ("NoNewPrivileges", "PrivateTmp", "ProtectHome", "RestrictSUIDSGID"):
        assert service[key] == "yes", key
    assert service["ProtectSystem"] == "strict"
    assert service["CapabilityBoundingSet"] == ""


@pytest.mark.parametrize(
    "file",
    [unit for unit in UNITS if unit.suffix == ".timer"],
    ids=lambda file: file.stem,
)
def test_a_timer_starts_a_unit_that_is_there(file):
    assert file.with_suffix(".service") in SERVICES
    assert unit(file)["Timer"]["OnCalendar"]


def test_a_service_that_must_be_mended_first_is_not_started_again():
    service = unit(DEPLOY / "systemd" / "forms-service.service")["Service"]
    assert service["RestartPreventExitStatus"] == str(Unfit.exit_code)


def test_a_command_runs_as_the_service_runs(tmp_path):
    (tmp_path / "systemd-run").write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    (tmp_path / "systemd-run").chmod(0o755)
    path = f"{tmp_path}:{os.environ['PATH']}"
    command = [DEPLOY / "command", "staff", "add", "a b@example.org"]
    done = subprocess.run(
        command, env={"PATH": path}, capture_output=True, text=True, check=True
    )
    given = done.stdout.splitlines()
    assert given[-4:] == ["forms-service", "staff", "add", "a b@example.org"]
    service = (DEPLOY / "systemd" / "forms-service.service").read_text().splitlines()
    kept = ("WorkingDirectory=", "UMask=", "EnvironmentFile=", "LoadCredential=")
    wanted = {line for line in service if line.startswith(kept)}
    assert len(wanted) == 6
    assert wanted <= set(given)
    assert "--uid=forms" in given
    assert "FORMS_DATA_DIR=/var/lib/forms" in given


def test_copies_are_kept_for_the_days_that_the_notice_promises():
    command = unit(DEPLOY / "systemd" / "forms-backup.service")["Service"]["ExecStart"]
    assert command.split()[2] == str(BACKUPS_DAYS)
    stream = yaml.safe_load((DEPLOY / "litestream.yml").read_text(encoding="utf-8"))
    assert stream["snapshot"]["retention"] == f"{BACKUPS_DAYS * 24}h"
    (database,) = stream["dbs"]
    assert Path(database["path"]).name == Config.from_environment({}).database.name


def test_nginx_hands_on_what_belongs_to_the_service_and_nothing_else():
    text = (DEPLOY / "nginx" / "forms.conf").read_text(encoding="utf-8")
    files, pattern = re.findall(r"location ~\* (\^/\(.*?\)) \{", text)
    for path, takes_files in (
        (urls.upload("volontari", "it"), True),
        (urls.check_receipt("it"), True),
        (urls.staff("inserisci/volontari"), True),
        (urls.staff("richiesta/x/scansione"), True),
        (urls.confirm("volontari", "it"), False),
        (urls.staff("richiesta/x/nota"), False),
    ):
        assert bool(re.match(files, path)) is takes_files, path
    for prefix in urls.SERVICE_PREFIXES:
        given = bool(re.match(pattern, f"{prefix}/x"))
        assert given == (prefix != urls.METRICS), prefix
    for path in ("/", "/regole/", "/staffetta/", "/en/moduli/"):
        assert not re.match(pattern, path), path


def test_the_image_copies_what_is_there_and_all_that_the_build_needs():
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    copied = [
        word
        for line in re.findall(r"^COPY (.*) \S+$", text, re.M)
        for word in line.split()
    ]
    assert {"forms_service", "site", "content", "requirements", "mkdocs.yml"} <= set(
        copied
    )
    assert [name for name in copied if not (ROOT / name).exists()] == []


@pytest.mark.parametrize(
    "name", ["backup", "command", "reload-nginx", "container-start"]
)
def test_a_script_can_be_run_and_says_what_it_needs(name):
    script = DEPLOY / name
    assert os.access(script, os.X_OK)
    subprocess.run(["sh", "-n", str(script)], check=True)
    if name in ("backup", "reload-nginx"):
        done = subprocess.run([str(script)], capture_output=True, text=True)
        assert done.returncode != 0
        assert (
            "folder" in done.stderr or "file" in done.stderr or "nginx" in done.stderr
        )


@pytest.mark.slow
@pytest.mark.parametrize("file", UNITS, ids=lambda file: file.name)
def test_systemd_understands_every_line_of_a_unit(run_folder, tmp_path, file):
    tools(run_folder)
    for unit in UNITS:
        text = unit.read_text(encoding="utf-8")
        text = re.sub(r"(?<==)(\+?)(/opt/forms|/usr/local)\S*", r"\1/bin/true", text)
        (tmp_path / unit.name).write_text(text, encoding="utf-8")
    done = verify(tmp_path / file.name)
    assert done == "", done
    # The control: a line it does not know is told.
    spoiled = tmp_path / f"spoiled{file.suffix}"
    spoiled.write_text((tmp_path / file.name).read_text() + "\n[Service]\nUzer=x\n")
    if file.suffix == ".service":
        assert "Uzer" in verify(spoiled)


def verify(file: Path) -> str:
    command = ["systemd-analyze", "verify", "--man=no", str(file)]
    done = subprocess.run(command, capture_output=True, text=True)
    ours = [line for line in done.stderr.splitlines() if file.name in line]
    return "\n".join(ours)


@pytest.mark.slow
def test_the_service_is_exposed_to_little(run_folder):
    tools(run_folder)
    file = DEPLOY / "systemd" / "forms-service.service"
    command = ["systemd-analyze", "security", "--offline=true", "--threshold=25"]
    done = subprocess.run([*command, str(file)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-300:]


# Loaded by each Python that the service starts; the filter holds for its children too.
UNDER_FILTER = """
import ctypes, os, re
status = open("/proc/self/status").read()
if not re.search(r"^Seccomp:\\s*2", status, re.MULTILINE):
    library = ctypes.CDLL("libseccomp.so.2")
    library.seccomp_init.restype = ctypes.c_void_p
    context = ctypes.c_void_p(library.seccomp_init(ctypes.c_uint32(0x80000000)))
    for name in os.environ["ALLOWED"].split():
        number = library.seccomp_syscall_resolve_name(name.encode())
        if number >= 0:
            library.seccomp_rule_add(context, ctypes.c_uint32(0x7FFF0000), number, 0)
    assert library.seccomp_load(context) == 0
"""


def calls_of(name: str) -> set[str]:
    """Return the system calls of a name of `SystemCallFilter=`."""
    if name[0] != "@":
        return {name}
    command = ["systemd-analyze", "syscall-filter", name]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    listed = [line.strip() for line in done.stdout.splitlines()[1:]]
    return {
        call for name in listed if name and name[0] != "#" for call in calls_of(name)
    }


def allowed(file: Path) -> set[str]:
    """Return the system calls that a unit may make, as systemd reads its lines."""
    calls: set[str] = set()
    for line in file.read_text(encoding="utf-8").splitlines():
        key, _, value = line.partition("=")
        if key == "SystemCallFilter":
            named = {c for name in value.lstrip("~").split() for c in calls_of(name)}
            calls = calls - named if value[0] == "~" else calls | named
        if (key, value) == ("ProtectClock", "yes"):
            calls -= calls_of("@clock")
    return calls


@pytest.mark.slow
@pytest.mark.engine("sqlite")
def test_the_service_makes_only_the_calls_that_its_unit_allows(run_folder, tmp_path):
    tools(run_folder)
    (tmp_path / "sitecustomize.py").write_text(UNDER_FILTER)
    settings = in_production(tmp_path) | {"PYTHONPATH": str(tmp_path)}
    calls = allowed(DEPLOY / "systemd" / "forms-service.service")
    assert "clock_settime" not in calls
    if os.geteuid() == 0:  # SQLite asks it of root alone.
        calls.add("fchown")

    def serve() -> Process:
        return Process(tmp_path, SAMPLE, "serve", ALLOWED=" ".join(calls), **settings)

    service = serve()
    try:
        service.wait_for("Staff: ", seconds=120)
        assert healthy(service.base)
    finally:
        assert service.end(seconds=120) == 0
    # The control: without one of them it is killed, and says nothing.
    calls -= {"adjtimex", "clock_adjtime"}
    assert serve().ended(seconds=120) == -SIGSYS


@pytest.mark.slow
@pytest.mark.engine("sqlite")
def test_a_copy_is_encrypted_can_be_restored_and_old_ones_go(
    run_folder, tmp_path, start_service
):
    tools(run_folder)
    service = start_service()
    key = tmp_path / "key"
    subprocess.run(["age-keygen", "-o", str(key)], check=True, capture_output=True)
    public = subprocess.run(
        ["age-keygen", "-y", str(key)], check=True, capture_output=True, text=True
    )
    (tmp_path / "recipients").write_text(public.stdout)
    copies = tmp_path / "copies"
    copies.mkdir()
    old, half, young = (
        copies / f"{name}.sqlite.age" for name in ("forms-1", ".forms-2", "forms-3")
    )
    # A night passes before the next run, which must find none too old.
    over = BACKUPS_DAYS - 1
    aged(old, over)
    aged(half, over)
    aged(young, over - 1)
    environment = os.environ | {
        "FORMS_SERVICE": str(Path(sys.executable).with_name("forms-service")),
        "FORMS_DATA_DIR": str(service.config.data_dir),
    }
    done = subprocess.run(
        [DEPLOY / "backup", copies, str(BACKUPS_DAYS), tmp_path / "recipients"],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert not old.exists()
    assert not half.exists()
    assert young.exists()
    (made,) = set(copies.iterdir()) - {young}
    assert b"SQLite" not in made.read_bytes()
    plain = tmp_path / "plain.sqlite"
    command = ["age", "--decrypt", "--identity", str(key), "--output", str(plain)]
    subprocess.run([*command, str(made)], check=True)
    assert plain.read_bytes().startswith(b"SQLite format 3\0")


def test_old_copies_go_also_when_no_new_one_can_be_made(tmp_path):
    old, young = (tmp_path / f"forms-{number}.sqlite.age" for number in (1, 2))
    aged(old, BACKUPS_DAYS - 1)
    aged(young, BACKUPS_DAYS - 2)
    done = subprocess.run(
        [DEPLOY / "backup", tmp_path, str(BACKUPS_DAYS), tmp_path / "recipients"],
        env=os.environ | {"FORMS_SERVICE": "false"},
        capture_output=True,
    )
    assert done.returncode == 1
    assert list(tmp_path.iterdir()) == [young]


def test_no_copy_goes_while_the_clock_is_in_doubt(tmp_path):
    old, program = tmp_path / "forms-1.sqlite.age", tmp_path / "forms-service"
    aged(old, 4000)
    program.write_text(
        '#!/bin/sh\n[ "$1" = clock ] || exit 1\necho "the clock says 2038"; exit 1\n'
    )
    program.chmod(0o755)
    done = subprocess.run(
        [DEPLOY / "backup", tmp_path, str(BACKUPS_DAYS), tmp_path / "recipients"],
        env=os.environ | {"FORMS_SERVICE": str(program)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr == (
        "the clock says 2038\nNo copy was deleted: the clock is in doubt\n"
    )
    assert old.exists()


def aged(file, days):
    """Write a copy that is some days old."""
    file.write_text("x")
    moment = file.stat().st_mtime - days * 86400
    os.utime(file, (moment, moment))


def test_a_file_that_nginx_refuses_is_not_kept(tmp_path):
    nginx = tmp_path / "nginx"
    nginx.write_text(
        f'#!/bin/sh\necho "$@" >>{tmp_path}/said\n! grep -q bad {tmp_path}/now\n'
    )
    nginx.chmod(0o755)
    built, now = tmp_path / "built", tmp_path / "now"
    run = [str(DEPLOY / "reload-nginx"), str(built), str(now)]
    environment = os.environ | {"NGINX": str(nginx)}
    submission, two = (
        f'map $uri $site_gone {{\n    "default" "0";\n    "~\\.{name}$" "1";\n}}\n'
        for name in ("one", "two")
    )
    # Root reads what the builder wrote: only maps, whatever nginx would say.
    for text, kept in (
        (submission, submission),
        ("# bad", submission),
        ("include /x;", submission),
        (two, two),
    ):
        built.write_text(text)
        done = subprocess.run(run, env=environment, capture_output=True)
        assert now.read_text() == kept
        assert (done.returncode == 0) == (text == kept)
    subprocess.run(run, env=environment, check=True)
    said = (tmp_path / "said").read_text().split("\n")
    assert said == ["-t", "-s reload", "-t", "-t", "-s reload", ""]
