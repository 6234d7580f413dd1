"""The service as people meet it in a browser: public area, staff area, one app."""
