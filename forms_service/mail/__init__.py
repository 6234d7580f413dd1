"""Mails: `kinds` declares each one, `message` holds what it may tell, `compose` writes.

`transport` hands it over, to a folder or with `smtp` to a server. Nothing here changes
any state.
"""
