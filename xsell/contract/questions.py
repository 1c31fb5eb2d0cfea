"""Which options of `recommend` each question obeys."""

OBEYED = {
    "items": frozenset({"item", "n", "scope", "output"}),
    "audience": frozenset(
        {"item", "category", "max_per_user", "holdout", "only_users", "n", "scope", "model", "where", "exclude", "only", "value", "output"}
    ),
}
"""The options of `recommend` that each question but `users` obeys."""

UNKNOWN_TO_LISTS = frozenset({"item", "category", "max_per_user", "holdout"})
"""The options of `recommend` that lists for customers do not obey, but for the one of --user."""
