"""Mails: `kinds` declares each one, `message` holds what it may tell, `compose` writes.

`transport` hands it to a server or a folder. Nothing here changes any state.
"""
