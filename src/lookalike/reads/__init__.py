"""Which places of an answer the code under test reads, noted while it reads them."""
