"""`xsell features`."""

PAGE = """
Number customers and products and describe them.

Customers get recency, frequency, monetary value, category shares, views, top
search terms and their profile; products get price band, popularity, brand
and category; words become TF-IDF weights (count of the term times the
logarithm of all products over those with the term). Who buys from one
category also buys from which others is counted, with intervals.

Reads the clean tables.

Writes features/items.parquet, users.parquet, item_content.npz,
terms.parquet and category_affinity.parquet in the working directory.

Examples:

  xsell features
  xsell features --idf smooth
"""
