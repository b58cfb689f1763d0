"""What verifications found, run after run, kept in a file of the user's cache."""
