"""`xsell evaluate`."""

PAGE = """
Judge models on purchases they have not seen, beside plain popularity.

Part of the data is held out: the latest where there are times, else whole
categories of each customer, else random purchases; or --test names a file.
Under scope new only purchases in categories new to the customer count, which
is cross-selling as it happens. Precision, recall, NDCG and the others come
with 95% intervals, and the difference to popularity with a verdict in words.

With --recommendations and --against, lists that were delivered are judged by
what customers did then; a column holdout or group gives the uplift. --items
and --users tell the page of --report more about them. A working directory is
made for them only if -w names it.

Reads the features, or the files named; clean and features run first then.

Writes evaluation/NAME.json and NAME.parquet in the working directory. With
--report one page of HTML too, to read and pass on: it needs no network and
holds no customer id.

Examples:

  xsell evaluate ratings.csv
  xsell evaluate --model hybrid,cross,ease -k 20
  xsell evaluate --split new-category --scope new
  xsell evaluate --report report.html
  xsell evaluate --test may.csv --fail-under precision@10=0.05
  xsell evaluate --recommendations campaign.csv --against may.csv
  xsell evaluate --baseline last.json --fail-worse-than baseline,popular
"""
