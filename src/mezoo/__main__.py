"""``python -m mezoo``: the command line."""

from mezoo.cli import main

main()
