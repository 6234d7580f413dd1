"""pdf.js, the engine of Firefox, in a page of Chromium: fill in a form and save it."""

import base64
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, Route

from forms_service.definition import FormDefinition
from test_pdf_filling import Typed, full_names

VENDOR = Path(__file__).parent / "vendor"
# Nothing listens there: the page gets what is handed to it here.
ADDRESS = "http://127.0.0.1:9/"
# What the viewer of Firefox stores for a widget that a person has filled in.
FILL = """
async ([file, values]) => {
    globalThis.pdfjsWorker = await import("/pdf.worker.min.js");
    const pdfjs = await import("/pdf.min.js");
    const data = Uint8Array.from(atob(file), letter => letter.charCodeAt(0));
    const opened = await pdfjs.getDocument({data, verbosity: 0}).promise;
    const fields = await opened.getFieldObjects();
    for (const [name, value] of values)
        for (const widget of fields[name].filter(one => one.page >= 0))
            opened.annotationStorage.setValue(widget.id, {
                value: widget.type === "radiobutton" ? widget.exportValues === value
                    : widget.type === "checkbox" ? true : value
            });
    const saved = await opened.saveDocument();
    let text = "";
    for (const octet of saved) text += String.fromCharCode(octet);
    return btoa(text);
}
"""


def serve(route: Route) -> None:
    """Answer with a file of pdf.js, or with an empty page."""
    name = route.request.url.removeprefix(ADDRESS)
    if name:
        route.fulfill(path=VENDOR / name, content_type="text/javascript")
    else:
        route.fulfill(body="<!DOCTYPE html>", content_type="text/html")


def by_pdfjs(page: Page) -> Callable[[bytes, FormDefinition, Typed], bytes]:
    """Return a filler that works in this page."""
    page.route(f"{ADDRESS}**", serve)
    page.goto(ADDRESS)

    def fill(blank: bytes, form: FormDefinition, typed: Typed) -> bytes:
        values = [[name, value] for _, name, value in full_names(form, typed)]
        saved = page.evaluate(FILL, [base64.b64encode(blank).decode(), values])
        return base64.b64decode(saved)

    return fill
