"""The truth and the random networks are shared with the tests of the torch package."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "impl_torch"))
