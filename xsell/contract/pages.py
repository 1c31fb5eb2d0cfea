"""The words of `evaluate` about its page, checked before any work."""

import importlib.util

from xsell.contract.options import Evaluate
from xsell.errors import UsageError

SUFFIXES = (".html", ".htm")
DRAWS = "jinja2"
"""The library of the extra `report`, which draws the page."""


def check(options: Evaluate) -> None:
    """
    Refuse a page that could not be written.

    Raises:
        UsageError: The file is none of HTML, the library that draws is not installed, or ids are wanted on no page.
    """
    if options.show_ids and not options.report:
        raise UsageError("--show-ids is about the page, and no page was asked for.", "Add --report report.html, or leave out --show-ids.")
    if not options.report:
        return
    if not options.report.lower().endswith(SUFFIXES):
        raise UsageError(f"--report writes a page of HTML, and {options.report} does not end in .html.", "Type --report report.html.")
    if importlib.util.find_spec(DRAWS) is None:
        raise UsageError("--report needs a library that is not installed.", "Type `pip install 'xsell[report]'`.")
