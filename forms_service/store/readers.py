"""The role of those who work with SQL: it reads the view of each form, nothing else.

A view is made anew at each start, so it is granted each time it is made.
"""

from .connection import Connection, UnfitDatabase, quoted

READER = "forms_reader"
GRANT = (
    "DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') "
    "THEN GRANT SELECT ON {view} TO {role}; END IF; END $$"
)
_MAKE = (
    "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') "
    "THEN CREATE ROLE {role} NOLOGIN; END IF; "
    "EXECUTE format('GRANT USAGE ON SCHEMA %I TO {role}', current_schema()); "
    "END $$"
)


def let_read(db: Connection, role: str = READER) -> list[str]:
    """Make a role and let it read every view; return their names.

    Raise `UnfitDatabase` for a file, and where our own role may make no other.
    """
    if not db.dialect.grant_reading:
        raise UnfitDatabase(
            "the data are in a file, which has no roles: give whoever works with SQL a "
            "copy, or what export writes"
        )
    may = "SELECT 1 FROM pg_roles WHERE rolname = ?"
    ours = "SELECT rolcreaterole OR rolsuper FROM pg_roles WHERE rolname = current_user"
    if not (db.execute(may, [role]).fetchone() or db.execute(ours).fetchone()[0]):
        raise UnfitDatabase(
            f"our role may make no other: let whoever runs the server do CREATE ROLE "
            f"{role}, then run this again"
        )
    db.execute(_MAKE.format(role=role))
    views = db.execute(
        "SELECT viewname FROM pg_views WHERE schemaname = current_schema() "
        "AND viewname LIKE 'form\\_%' ORDER BY viewname"
    ).fetchall()
    for (view,) in views:
        db.execute(db.dialect.grant_reading.format(view=quoted(view), role=role))
    return [view for (view,) in views]
