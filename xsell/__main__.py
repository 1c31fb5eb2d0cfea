"""`python -m xsell`."""

from xsell.cli.app import main

main()
