"""Accounts: editors, their roles, and how they and their programs are let in."""
