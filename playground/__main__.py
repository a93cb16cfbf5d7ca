"""`python -m playground` is the `playground` command, also where no scripts folder is on the path."""

import sys

from playground.cli import main

if __name__ == "__main__":
    sys.exit(main())
