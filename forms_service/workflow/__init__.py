"""The verbs of a submission's life, each one transaction: row, event and mail together.

Every verb takes a `Work` first. Nothing here knows HTTP, HTML or SMTP.
"""
