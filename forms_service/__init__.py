"""The forms service: one form definition, many shapes, one committed row."""
