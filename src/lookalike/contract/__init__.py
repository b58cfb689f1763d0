"""Contracts: operations and OpenAPI, what a contract forbids, drift and verdicts."""
