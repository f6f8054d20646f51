"""Backups: all that an installation knows in one file, which any database takes."""
