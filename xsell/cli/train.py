"""`xsell train`."""

PAGE = """
Learn what to offer, and keep the model.

With a file, clean and features run first and take their options here. What
is not given, such as the strength of the penalty, is chosen on a part of the
data held out for it, and what was chosen is printed with how good it was
beside plain popularity. --tune looks longer, for as long as --budget says
(60s if it is not given), and takes another setting only if it is better on
customers that the search never looked at.

Models: hybrid fuses several of the others and is never worse than its best
part on the held-out data; cross predicts every product from purchases in the
other categories; ease from all other purchases; als and svd use hidden
factors; knn looks for products with the same buyers; rules says what share
of those who have one product take another; content compares words; popular
counts; ratings expects how a customer would rate a product.

Reads the features, or the files named.

Writes models/NAME.joblib and models/NAME.json in the working directory.

Examples:

  xsell train ratings.csv --items items.csv
  xsell train --model cross
  xsell train --model ease --scope any --lambda 300
  xsell train --model als --tune --budget 5m
"""
