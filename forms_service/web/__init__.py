"""The service as people meet it in a browser: citizens' half, staff half, one app."""
