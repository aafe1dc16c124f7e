"""`python -m desk`, where it is not installed as `desk`."""

import sys

from desk.start import main

if __name__ == "__main__":
    sys.exit(main())
