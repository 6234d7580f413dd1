"""A filled-in PDF becomes answers again, read in a child process that can do no harm.

It takes the file of a stranger and returns what was typed, ready for the one
validator; what the answers are worth is for `definition.clean` to say.
"""
