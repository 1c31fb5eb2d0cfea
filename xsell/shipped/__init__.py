"""Lists that were delivered, judged by what customers did afterwards: no model, only the files that are named."""
