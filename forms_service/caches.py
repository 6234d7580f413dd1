"""What a process keeps so as not to make it twice: every cache by name, with a bound.

Nothing of one person is ever a key or a value: no token, e-mail address or answer. It
would stay after erasure, and grow with everybody who comes.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from functools import wraps
from threading import Lock
from typing import Any, Generic, ParamSpec, TypeVar, cast
from weakref import WeakSet

Value = TypeVar("Value")
Arguments = ParamSpec("Arguments")
_MISSING = object()

# How many entries each holds at most. Values that hang on nothing are one entry.
BOUNDS: Mapping[str, int] = {
    # words and dates
    "catalogues": 64,
    "translators": 64,
    "message file faults": 512,
    "directions": 64,
    "own names": 64,
    "months": 64,
    "month names": 8,
    "date limits": 8,
    "heavy words": 8,
    "keys": 64,
    # statements of PostgreSQL
    "statements": 1024,
    "row types": 256,
    "newest migration": 1,
    # templates and fonts
    "page templates": 1,
    "paper templates": 1,
    "field templates": 1,
    "mail templates": 1,
    "known letters": 1,
    "letter forms": 1,
    "glyphs": 4,
    "arabic font": 1,
    # the files of the content
    "content trees": 512,
    # pages and versions
    "stored versions": 256,
    "headers and footers": 256,
    "compiled pages": 256,
    "compiled fields": 256,
    "compiled answers": 128,
    "controls": 128,
    "empty form pages": 512,
    "public answers": 256,
    "fillable blanks": 256,
    "files of the site": 64,
    "site policies": 4,
}


class Cache(Generic[Value]):
    """Values by key; beyond the bound those not used for longest go."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.bound = BOUNDS[name]
        self._kept: OrderedDict[Hashable, Value] = OrderedDict()
        self._lock = Lock()
        _known.add(self)

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """Return the value of a key, making it at first use."""
        found = self.find(key, _MISSING)
        if found is not _MISSING:
            return cast(Value, found)
        # Two threads may both make it: that costs less than waiting for each other.
        made = make()
        self.put(key, made)
        return made

    def find(self, key: Hashable, missing: object = None) -> Value | Any:
        """Return what is kept under a key, or what stands for nothing."""
        with self._lock:
            if key not in self._kept:
                return missing
            self._kept.move_to_end(key)
            return self._kept[key]

    def put(self, key: Hashable, value: Value) -> None:
        """Keep a value in place of the one before."""
        with self._lock:
            self._kept[key] = value
            self._kept.move_to_end(key)
            if len(self._kept) > self.bound:
                self._kept.popitem(last=False)

    def entries(self) -> list[tuple[Hashable, Value]]:
        """Return all keys with their values."""
        with self._lock:
            return list(self._kept.items())


def remembered(
    name: str,
) -> Callable[[Callable[Arguments, Value]], Callable[Arguments, Value]]:
    """Keep what a function returned, by its positional arguments."""

    def decorate(function: Callable[Arguments, Value]) -> Callable[Arguments, Value]:
        cache: Cache[Value] = Cache(name)

        @wraps(function)
        def answer(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Value:
            key = (args, tuple(kwargs.items()))
            return cache.get(key, lambda: function(*args, **kwargs))

        return answer

    return decorate


def caches() -> list[Cache[Any]]:
    """Return every cache of this process that is in use."""
    return list(_known)


_known: WeakSet[Cache[Any]] = WeakSet()
