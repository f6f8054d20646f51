"""Benchmarks: what the service costs, beside the least that a Flask view could do.

`python -m bench` runs them, docs/benchmarks.md says how to read them.
"""
