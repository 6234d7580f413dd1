"""What a web server in front needs to know of one build, as nginx reads it.

`deploy/nginx/forms.conf` includes the file: the policy of every page, the language of
an address, and the addresses of pages that were removed.
"""

import json
from collections.abc import Mapping
from pathlib import Path

from forms_service.content import Project
from forms_service.shapes.chrome import POLICIES
from forms_service.urls import SERVICE

RECORD = ".nginx.conf"
# For a page that the build did not make.
STRICT = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'"


def write_maps(built: Path, project: Project) -> None:
    """Write the maps of a built site beside its pages."""
    policies = json.loads((built / POLICIES).read_text(encoding="utf-8"))
    main, *others = project.languages
    languages = {
        f"~^(?:{SERVICE})?/{lang}(?:/|$)": f"/{lang}"
        for lang in others
        if (built / lang).is_dir()
    }
    maps = [
        _map(
            "site_policy",
            {"volatile": None, "default": "", r"~\.html$": STRICT}
            | {f"/{page}": policy for page, policy in policies.items()},
        ),
        _map("site_language", {"default": "", **languages}),
        _map(
            "site_gone",
            {"default": "0"}
            | {path.rstrip("/"): "1" for path in project.gone}
            | {f"{path.rstrip('/')}/": "1" for path in project.gone},
        ),
    ]
    head = f"# Made by the site build; the language without a prefix is {main}.\n"
    (built / RECORD).write_text(head + "\n".join(maps), encoding="utf-8")


def _map(variable: str, values: Mapping[str, str | None]) -> str:
    lines = [
        f"    {key};" if value is None else f'    "{key}" "{value}";'
        for key, value in values.items()
    ]
    return "\n".join([f"map $uri ${variable} {{", *lines, "}", ""])
