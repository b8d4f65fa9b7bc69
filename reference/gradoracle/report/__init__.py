"""How a run is told to a reader."""
