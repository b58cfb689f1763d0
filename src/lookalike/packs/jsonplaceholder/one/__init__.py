"""The dialect of json-server 1, as version 1.0.0-beta.15 was observed to speak it on Node 22."""
