"""Tests of what this project says in its own content."""
