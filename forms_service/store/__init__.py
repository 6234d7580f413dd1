"""Everything about SQL: one door for writing, read-only connections for the rest.

Functions take a connection and speak in rows; what a change means, and which
changes belong together, is decided in `workflow`.
"""
