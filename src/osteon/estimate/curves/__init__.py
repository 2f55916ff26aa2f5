"""Step curves on risk tables, what is read off them, and their robust variances."""
