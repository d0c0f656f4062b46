"""Marketing: products, other cities' market events, and stands there."""
