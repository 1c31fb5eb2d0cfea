"""`xsell recommend`."""

PAGE = """
Write a list of offers for every customer, or show one with its reasons.

A list holds what the customer does not own; under scope new only products
from categories the customer has not bought from, under dormant from those
not bought from lately, under same from those bought from. Customers without
purchases get a list by profile, views or searches, else what is popular.
The column source says so: personal, profile, popular or trending; and filler
is a product that nothing known of the customer speaks for (score 0): it only
makes the list longer, the one that most customers have first. If the model or
its data are out of date, they are made again first.

With --for items the answer is what goes with each product from other
categories, counted from baskets, and what replaces it; no model is needed.
With --for audience it is whom to contact for some products or categories.

With --basket the offers are for what lies in a basket, from the command line
or, one JSON object a line, from standard input.

Reads the model and the features.

Writes recommendations/MODEL.parquet in the working directory, items.parquet
or audience.parquet there, and the file of --output. Columns of lists:
user_id, rank, item_id, score, value, category, name, source, because and,
but for CSV, reasons.

Examples:

  xsell recommend --output campaign.csv
  xsell recommend --user C0007
  xsell recommend --user C0007 --item P0043
  xsell recommend --only-users vips.txt -n 5 -o offers.jsonl
  xsell recommend --model ease --scope any
  xsell recommend --where "price <= 50 and user.age >= 18" --max-per-brand 2
  xsell recommend -q -o - | head
  xsell recommend --basket "P0043,P0224"
  xsell recommend --basket - < baskets.jsonl
  xsell recommend --for items --output together.csv
  xsell recommend --for items --item P0043
  xsell recommend --for audience --item P0147 -n 500 --holdout 0.1
"""
