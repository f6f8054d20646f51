"""How well quotes are found again: real articles, seeded selections, edits whose truth is known."""
