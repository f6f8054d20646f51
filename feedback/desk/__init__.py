"""The desk: the editors' side."""
