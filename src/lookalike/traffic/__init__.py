"""Recorded traffic: exchanges read from, and written to, the files that people have."""

from lookalike.traffic.opened import Limits as Limits
from lookalike.traffic.opened import Skipped as Skipped
from lookalike.traffic.reading import files as files
from lookalike.traffic.reading import read as read
from lookalike.traffic.reading import read_file as read_file
from lookalike.traffic.sources import Source as Source
from lookalike.traffic.sources import find as find
