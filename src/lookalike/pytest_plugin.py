"""The pytest plugin; imports only pytest until it is used."""
