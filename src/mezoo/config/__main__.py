"""``python -m mezoo.config``: write the generated files again."""

from mezoo.config.generated import main

main()
