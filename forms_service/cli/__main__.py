"""`python -m forms_service.cli`, for where the script is not installed."""

from . import main

main(prog_name="forms-service")
