"""The three services. None of them imports another."""
