"""How much of what is planted in recorded answers, and in documents, is found, and what is found where nothing is."""
