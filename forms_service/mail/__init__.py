"""Mails: `draft` says what is known, `texts` what is said, `compose` makes the mail.

`transport` hands it to a server or a folder. Nothing here changes any state.
"""
