"""What the service costs and how quick it is, measured from outside: `make bench`."""
