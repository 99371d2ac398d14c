"""The command line: ``python -m numfmt``."""

from .cli import main

if __name__ == "__main__":
    raise SystemExit(main())
