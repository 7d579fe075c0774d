"""The command line as ``python -m hecon``."""

from __future__ import annotations

import sys

from hecon.cli import main

if __name__ == "__main__":
    sys.exit(main())
