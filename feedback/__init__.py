"""Typo reports from readers, in the editors' queue."""
