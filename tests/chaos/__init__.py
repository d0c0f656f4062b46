"""The crash test: a separate program that knows the product only by its doors (docs/crash-test.md).

It imports nothing from shared/ or services/.
"""
