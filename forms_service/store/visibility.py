"""Which forms somebody may see; what a query leaves out where it is not all of them."""

from dataclasses import dataclass, field

# In the place of a form: all of them, also those to come.
EVERY = "*"


@dataclass(frozen=True, slots=True)
class VisibleForms:
    """The forms that a connection is used for; without any nothing is to be seen."""

    ids: frozenset[str] = field(default_factory=frozenset)

    @property
    def all(self) -> bool:
        """True when nothing is left out."""
        return EVERY in self.ids

    def __contains__(self, form_id: str) -> bool:
        """Say whether a form may be seen."""
        return self.all or form_id in self.ids

    def condition(self, column: str = "form_id") -> str:
        """Return what a row must fulfil to be seen, as it stands after WHERE."""
        if self.all:
            return "1 = 1"
        ids = ", ".join(
            "'" + name.replace("'", "''") + "'" for name in sorted(self.ids)
        )
        return f"{column} IN ({ids or 'NULL'})"


ALL_FORMS = VisibleForms(frozenset({EVERY}))
