"""Embedding: can the readers of a page report, and what keeps them from it?

A site's owner asks, on the command line or at the desk; `examining.examine` answers with findings,
each with its remedy and the exact line to add or change. It knows no database: who is admitted, and
what our line is, it is told (`Admission`, `Embed`).
"""
