"""Submissions as a table: its columns and rows, and the files that hold them."""
