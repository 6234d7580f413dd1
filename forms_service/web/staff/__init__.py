"""The staff area: signing in, the queue, decisions, desk entry, tables to take out.

Its pages are in the project's main language; nothing here is open without a session
but signing in and the set-up link.
"""
