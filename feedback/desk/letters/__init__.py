"""Letters: what happened at the desk, put into words for programs and people outside.

`delivery` knows how a letter gets out; here is who hears of what, and what a letter says.
"""
