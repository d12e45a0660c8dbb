"""Bytes -> Newsletter | Unreadable. Pure and total."""
