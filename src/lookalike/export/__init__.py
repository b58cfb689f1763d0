"""Contracts in the formats of others, so that people can leave."""
