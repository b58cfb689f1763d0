"""How right learned contracts are on recorded traffic: false alarms, and planted changes that are noticed."""
