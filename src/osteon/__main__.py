"""Run the command line as ``python -m osteon``."""

from osteon.cli import main

main()
