"""Settings: defaults, secrets in files, what is refused and what production wants."""

import stat
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address
from pathlib import Path
from threading import Barrier

import pytest

from forms_service import pace
from forms_service.config import SETTINGS, Config, ConfigError, Setting, local_keys


def config(tmp_path: Path, **environment: str) -> Config:
    """Read settings with a data folder of the test's own."""
    return Config.from_environment({"FORMS_DATA_DIR": str(tmp_path), **environment})


def test_without_any_setting_it_runs_on_this_machine_only(tmp_path: Path) -> None:
    read = config(tmp_path)
    assert read.listen == ("127.0.0.1", 8000)
    assert read.base_url == "http://127.0.0.1:8000"
    assert (read.content_dir, read.site_dir) == (Path("content"), Path("build/public"))
    assert read.database == tmp_path / "forms.sqlite"
    assert read.lock_file == tmp_path / "serve.lock"
    assert read.mail_dir == tmp_path / "mail"
    assert (read.smtp_url, read.trusted_proxies, read.production) == ("", (), False)


def test_an_empty_setting_is_one_that_is_not_set(tmp_path: Path) -> None:
    assert config(tmp_path, FORMS_LISTEN="", FORMS_BASE_URL="").listen[1] == 8000


def test_a_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "var"
    keys = config(folder).secret_keys
    file = folder / "secret.keys"
    assert keys == config(folder).secret_keys == local_keys(file)
    assert (len(keys), len(keys[0]) >= 32) == (1, True)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_processes_that_start_together_agree_on_the_key(tmp_path: Path) -> None:
    together = Barrier(8)

    def start(_: int) -> tuple[str, ...]:
        together.wait()
        return local_keys(tmp_path / "var" / "secret.keys")

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(start, range(8)))) == 1
    assert [file.name for file in (tmp_path / "var").iterdir()] == ["secret.keys"]


def test_several_local_keys_are_read_line_by_line(tmp_path: Path) -> None:
    (tmp_path / "secret.keys").write_text("old\nnew\n", encoding="utf-8")
    assert config(tmp_path).secret_keys == ("old", "new")


def test_an_unfinished_key_file_is_no_key(tmp_path: Path) -> None:
    (tmp_path / "secret.keys").write_text("", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"secret\.keys is empty: delete it"):
        config(tmp_path)


def test_keys_of_the_environment_come_before_the_key_file(tmp_path: Path) -> None:
    read = config(tmp_path, FORMS_SECRET_KEYS="old,, new ")
    assert read.secret_keys == ("old", "new")
    assert not (tmp_path / "secret.keys").exists()


@pytest.mark.parametrize(
    ("name", "field", "value"),
    [
        ("FORMS_SECRET_KEYS", "secret_keys", ("one", "two")),
        ("FORMS_SMTP_URL", "smtp_url", "one,two"),
    ],
)
def test_a_secret_may_come_from_a_file(
    tmp_path: Path, name: str, field: str, value: object
) -> None:
    file = tmp_path / "secret"
    file.write_text("one,two\n", encoding="utf-8")
    read = config(tmp_path, **{f"{name}_FILE": str(file), name: "not this"})
    assert getattr(read, field) == value


def test_keys_in_a_file_may_stand_on_lines_of_their_own(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("old\nnew\n", encoding="utf-8")
    assert config(tmp_path, FORMS_SECRET_KEYS_FILE=str(file)).secret_keys == (
        "old",
        "new",
    )


@pytest.mark.parametrize(
    ("name", "value", "advice"),
    [
        ("FORMS_LISTEN", "8000", "FORMS_LISTEN: write address:port, not '8000'"),
        ("FORMS_LISTEN", "host:x", "FORMS_LISTEN: write address:port, not 'host:x'"),
        ("FORMS_LISTEN", "host:99999", "FORMS_LISTEN: write address:port"),
        ("FORMS_BASE_URL", "example.org", "FORMS_BASE_URL: write http"),
        ("FORMS_BASE_URL", "ftp://example.org", "FORMS_BASE_URL: write http"),
        ("FORMS_BASE_URL", "https://example.org/sub", "FORMS_BASE_URL: write http"),
        ("FORMS_BASE_URL", "https://[x", "FORMS_BASE_URL: write http"),
        ("FORMS_TRUSTED_PROXIES", "10.0.0.1/8", "FORMS_TRUSTED_PROXIES: 10.0.0.1/8"),
        ("FORMS_TRUSTED_PROXIES", "proxy", "FORMS_TRUSTED_PROXIES: 'proxy'"),
        ("FORMS_SMTP_URL_FILE", "/nowhere/x", "FORMS_SMTP_URL_FILE: cannot read"),
        ("FORMS_HOURLY_LIMIT", "71", "FORMS_HOURLY_LIMIT: write at least 72"),
        ("FORMS_ENV", "prod", "FORMS_ENV: write production, or nothing, not 'prod'"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(
    tmp_path: Path, name: str, value: str, advice: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        config(tmp_path, **{name: value})
    assert str(caught.value).startswith(advice)


def test_the_least_hourly_limit_lets_somebody_send_each_minute(tmp_path: Path) -> None:
    least = config(tmp_path, FORMS_HOURLY_LIMIT="72").hourly_limit
    assert least == pace.USED_IN_AN_HOUR


def test_addresses_lose_the_slash_at_the_end(tmp_path: Path) -> None:
    read = config(tmp_path, FORMS_BASE_URL="https://example.org/")
    assert read.base_url == "https://example.org"


def test_networks_of_proxies_are_read(tmp_path: Path) -> None:
    read = config(tmp_path, FORMS_TRUSTED_PROXIES="10.0.0.0/8, ::1/128")
    assert [ip_address("10.1.2.3") in net for net in read.trusted_proxies] == [
        True,
        False,
    ]


def test_an_address_of_ipv6_may_be_listened_on(tmp_path: Path) -> None:
    read = config(tmp_path, FORMS_LISTEN="[::1]:8080")
    assert read.listen == ("::1", 8080)


SAFE = {
    "FORMS_ENV": "production",
    "FORMS_SECRET_KEYS": "k" * 32,
    "FORMS_LOG_KEYS": "l" * 32,
    "FORMS_BASE_URL": "https://example.org",
    "FORMS_SMTP_URL": "smtps://mail.example.org",
    "FORMS_MAIL_FROM": "forms@example.org",
}


def test_a_complete_setup_is_fit_for_production(tmp_path: Path) -> None:
    assert config(tmp_path, **SAFE).production_problems() == []


@pytest.mark.parametrize(
    ("name", "value", "advice"),
    [
        ("FORMS_SECRET_KEYS", "", "set at least one key of 32 characters."),
        ("FORMS_SECRET_KEYS", "k" * 31, "set at least one key of 32 characters."),
        ("FORMS_SECRET_KEYS", f"{'k' * 31},{'k' * 32}", "set at least one key of 32"),
        ("FORMS_LOG_KEYS", "l" * 31, "set at least one key of 32 characters."),
        ("FORMS_LOG_KEYS", "k" * 32, "must not be those of FORMS_SECRET_KEYS."),
        ("FORMS_BASE_URL", "http://example.org", "must begin with https://."),
        ("FORMS_SMTP_URL", "", "name a mail server."),
        ("FORMS_MAIL_FROM", "", "set the sender address."),
        ("SITE_NOW", "2020-06-25T10:00", "remove it, it is for previews only."),
    ],
)
def test_production_says_what_is_missing(
    tmp_path: Path, name: str, value: str, advice: str
) -> None:
    problems = config(tmp_path, **{**SAFE, name: value}).production_problems()
    assert len(problems) == 1
    assert problems[0].startswith(f"{name}: {advice}")


def test_the_disk_of_a_server_says_nothing_about_the_hourly_limit(tmp_path):
    server = SAFE | {"FORMS_DATABASE_URL": "postgresql://db/forms"}
    (problem,) = config(tmp_path, **server).production_problems()
    assert problem == "FORMS_HOURLY_LIMIT: set it, PostgreSQL's disk is unknown."
    limited = config(tmp_path, **server, FORMS_HOURLY_LIMIT="50000")
    assert limited.production_problems() == []


def test_production_never_makes_a_key_of_its_own(tmp_path: Path) -> None:
    read = config(tmp_path, **{**SAFE, "FORMS_SECRET_KEYS": ""})
    assert read.secret_keys == ()
    assert not (tmp_path / "secret.keys").exists()


def test_no_secret_stands_in_the_words_of_a_config(tmp_path: Path) -> None:
    read = config(tmp_path, **SAFE, FORMS_TRUSTED_PROXIES="")
    assert "k" * 32 not in repr(read)
    url = "smtp://user:hunter2@mail.example.org:587"
    assert "hunter2" not in repr(config(tmp_path, FORMS_SMTP_URL=url))


def test_every_setting_says_what_it_means_and_reads_its_default() -> None:
    assert len({setting.name for setting in SETTINGS}) == len(SETTINGS)
    assert all(setting.meaning.endswith(".") for setting in SETTINGS)
    assert [setting.of({}) for setting in SETTINGS if setting.default]


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_a_secret_says_that_a_file_may_hold_it(setting: Setting) -> None:
    assert (f"{setting.name}_FILE reads a file." in setting.meaning) is setting.secret


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("FORMS_SMPT_URL", ": did you mean FORMS_SMTP_URL?"),
        ("FORMS_SECRET_KEY", ": did you mean FORMS_SECRET_KEYS?"),
        ("FORMS_SMTP_URL_FLIE", ": did you mean FORMS_SMTP_URL_FILE?"),
        ("SITE_NOW_", ": did you mean SITE_NOW?"),
        ("FORMS_XQZ", ""),
    ],
)
def test_a_misspelt_setting_is_refused_with_the_nearest_name(
    tmp_path: Path, name: str, meant: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        config(tmp_path, **{name: "x"})
    assert str(caught.value) == f"{name} is no setting{meant}"


def test_settings_of_other_programs_are_none_of_ours(tmp_path: Path) -> None:
    assert (
        config(tmp_path, PORT="1", SITE_PACKAGES="x", FORMS_BIN="x").listen[1] == 8000
    )
