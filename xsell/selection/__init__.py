"""A Training in; the chosen, fitted model and the table of what was tried out."""
