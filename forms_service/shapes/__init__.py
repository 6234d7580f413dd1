"""One definition, many shapes: web markup, PDF, receipt, notice, page header.

A shape turns a `FormDefinition` and the project into something to read or fill in.
It stores nothing, sends nothing and knows no request.
"""
