"""Test doubles for third-party HTTP APIs, held to what the real API does."""
