"""Put a finished site where readers look, by one rename: they never see half of it."""

import shutil
from pathlib import Path
from tempfile import mkdtemp


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
            shutil.rmtree(old)
