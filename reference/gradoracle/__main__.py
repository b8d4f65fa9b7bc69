"""``python -m gradoracle``."""

from __future__ import annotations

import sys

from gradoracle.cli import main

sys.exit(main())
