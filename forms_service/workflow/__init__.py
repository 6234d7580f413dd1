"""The verbs of a submission's life, each one transaction: row, event and mail together.

Every verb takes a `WorkflowContext` first. Nothing here knows HTTP, HTML or SMTP.
"""
