"""Ids that differ in the white space around them only."""

import polars as pl


def trimmed(text: pl.Series) -> pl.Series:
    """
    Take white space off ids where it is padding: where most ids have it, or where it parts ids that are otherwise the same.

    A few ids that end in a blank and have no twin keep it, so that what is written can be joined with the user's own tables.
    """
    bare = text.str.strip_chars()
    changed = (bare != text).fill_null(value=False)
    if not changed.any():
        return text
    if 2 * int(changed.sum()) > len(text) or bare.drop_nulls().n_unique() < text.drop_nulls().n_unique():
        return bare
    return text.set(bare == "", "")


def as_in(ids: pl.Series, known: pl.Series) -> pl.Series:
    """
    Spell ids as another table does, where only the white space around them differs.

    Args:
        ids: What to spell.
        known: Ids of the other table.
    """
    if ids.is_in(known.implode()).all():
        return ids
    names = known.unique().sort()
    there = pl.DataFrame({"bare": names.str.strip_chars(), "known": names}).unique("bare", keep="none")
    frame = pl.DataFrame({"id": ids, "bare": ids.str.strip_chars()}).join(there, on="bare", how="left", maintain_order="left")
    return frame.select(pl.when(pl.col("id").is_in(known.implode())).then("id").otherwise(pl.coalesce("known", "id")))["id"].rename(
        ids.name
    )
