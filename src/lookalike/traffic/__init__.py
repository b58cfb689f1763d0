"""Recorded traffic: exchanges read from, and written to, the files that people have."""
