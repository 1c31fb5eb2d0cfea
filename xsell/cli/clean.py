"""`xsell clean`."""

PAGE = """
Read raw files, mend or refuse their rows, and write clean tables.

Columns are recognised by the names people use, and how each was read is
printed; name one yourself with --map user_id=CustomerID. Exact repeats are
merged, ratings outside the scale clipped, returns set against the purchase
they undo. Every refused row is kept with its file, line and reason:
rows read = kept + merged + refused.

Reads the files named: CSV, TSV, JSON Lines or Parquet, also compressed with
gzip, or - for standard input. Without --items, product columns beside the
events become the catalogue.

Writes clean/interactions.parquet, items.parquet, users.parquet,
searches.parquet, rejects.parquet and report.json in the working directory.

Examples:

  xsell clean ratings.csv
  xsell clean 2025.csv.gz 2026.csv.gz --items items.csv --users users.csv
  xsell clean log.csv --map user_id=member,at=when --dates day-first
  xsell clean sales.csv --drop-items 'POST,BANK*' --max-rejected 0.02
  zcat sales.csv.gz | xsell clean -
"""
