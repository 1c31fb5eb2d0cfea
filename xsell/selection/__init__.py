"""A Training in; the chosen, fitted model and the table of what was tried out."""

from xsell.selection.choose import choose
from xsell.selection.plan import Chosen, Plan, Trial

__all__ = ["Chosen", "Plan", "Trial", "choose"]
