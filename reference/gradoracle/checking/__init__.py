"""A candidate on many cases: run, judged, counted, reported."""
