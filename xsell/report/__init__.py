"""Values in, words and tables out."""
