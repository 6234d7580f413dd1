"""A form page of Wagtail, on waitress, with the durability of the service.

python -m wagtail_form PORT FOLDER QUESTIONS.json
"""

import json
import sys
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command
from django.urls import include, path

APPS = (
    "wagtail_form", "wagtail.contrib.forms", "wagtail.embeds", "wagtail.sites",
    "wagtail.users", "wagtail.snippets", "wagtail.documents", "wagtail.images",
    "wagtail.search", "wagtail.admin", "wagtail", "modelcluster", "taggit",
    "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions",
    "django.contrib.messages", "django.contrib.staticfiles",
)  # fmt: skip
MIDDLEWARE = (
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
)
PROCESSORS = [
    "django.template.context_processors.request",
    "django.contrib.auth.context_processors.auth",
    "django.contrib.messages.context_processors.messages",
]
THREADS = 32


def configure(folder: Path) -> None:
    """Set Django up with a database in a folder."""
    pragmas = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
    settings.configure(
        SECRET_KEY="a key that is long enough for a benchmark",
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF="wagtail_form.__main__",
        INSTALLED_APPS=APPS,
        MIDDLEWARE=MIDDLEWARE,
        STATIC_URL="/static/",
        WAGTAIL_SITE_NAME="Forms",
        WAGTAILADMIN_BASE_URL="http://localhost",
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {"context_processors": PROCESSORS},
            }
        ],
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": folder / "wagtail.sqlite",
                "CONN_MAX_AGE": None,
                "OPTIONS": {
                    "transaction_mode": "IMMEDIATE",
                    "timeout": 30,
                    "init_command": pragmas,
                },
            }
        },
    )
    django.setup()


def make_page(questions: list[dict[str, object]]) -> None:
    """Publish a page that asks all questions, each by its own name."""
    from wagtail.models import Page

    from .models import FormField, FormPage

    page = FormPage(title="Form", slug="form")
    page.form_fields = [
        FormField(sort_order=number, **question)
        for number, question in enumerate(questions)
    ]
    Page.objects.get(depth=2).add_child(instance=page)


def main(port: int, folder: Path, questions: Path) -> None:
    """Make the page and serve it."""
    configure(folder)
    # Into a copy of this folder: the migrations are made for the versions at hand.
    call_command("makemigrations", "wagtail_form", verbosity=0)
    call_command("migrate", verbosity=0)
    make_page(json.loads(questions.read_text(encoding="utf-8")))
    from django.core.wsgi import get_wsgi_application
    from waitress import serve

    serve(get_wsgi_application(), listen=f"127.0.0.1:{port}", threads=THREADS)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]))
else:
    from wagtail import urls as pages

    urlpatterns = [path("", include(pages))]
