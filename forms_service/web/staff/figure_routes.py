"""The addresses of the numbers, and of reports for the funder."""

from collections.abc import Sequence

from ... import urls
from ...workflow.rights import Right
from ..core import Route
from ..core.access import post
from . import figures, reports

FIGURES = urls.staff("numeri")
REPORTS = f"{FIGURES}/rapporti"


def figure_routes() -> Sequence[Route]:
    """Return where numbers are shown, and reports fixed and taken out."""
    return (
        Route(FIGURES, "figures", figures.figures_page, right=Right.READ),
        Route(REPORTS, "reports", reports.reports_page, right=Right.EXPORT),
        post(f"{REPORTS}/fissa", "fix_report", reports.fix_report, right=Right.EXPORT),
        Route(
            f"{REPORTS}/<int:report>", "report", reports.report_page, right=Right.EXPORT
        ),
        Route(
            f"{REPORTS}/<int:report>.xlsx",
            "report_table",
            reports.report_table,
            right=Right.EXPORT,
        ),
    )
