"""Put a finished site where readers look, by one rename: they never see half of it."""

import gzip
import shutil
from pathlib import Path
from tempfile import mkdtemp

import brotli

# Pictures that are not drawings, fonts and PDFs are packed already.
KINDS = frozenset({".html", ".css", ".js", ".svg", ".xml", ".txt", ".json", ".ics"})


def precompress(built: Path) -> None:
    """Write beside each file a .gz and a .br copy, where they are smaller."""
    for file in sorted(built.rglob("*")):
        hidden = any(part.startswith(".") for part in file.relative_to(built).parts)
        if file.suffix not in KINDS or hidden or not file.is_file():
            continue
        plain = file.read_bytes()
        # Without a time in it, the same page gives the same bytes.
        copies = {
            ".gz": gzip.compress(plain, 9, mtime=0),
            ".br": brotli.compress(plain, brotli.MODE_TEXT),
        }
        for suffix, copy in copies.items():
            if len(copy) < len(plain):
                file.with_name(file.name + suffix).write_bytes(copy)


def publish(built: Path, public: Path) -> None:
    """Move the folder `built` away and make `public` a link to it, at once.

    The site before stays until the next build: a reader may be in the middle of it.
    """
    store = public.with_name(f".{public.name}.builds")
    store.mkdir(parents=True, exist_ok=True)
    before = public.resolve() if public.is_symlink() else None
    home = Path(mkdtemp(dir=store))
    home.chmod(0o755)
    built.rename(home / "site")
    if public.exists() and not public.is_symlink():
        # Made by hand or by another version: no link can replace a folder at once.
        public.rename(home / "before")
    link = home / "link"
    link.symlink_to(Path(store.name) / home.name / "site")
    link.replace(public)
    for old in store.iterdir():
        if old != home and (before is None or old != before.parent):
            shutil.rmtree(old, ignore_errors=True)
