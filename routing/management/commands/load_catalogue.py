"""manage.py load_catalogue [FILE]: providers, models, prices and scores out of a file into the tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from routing import seed


class Command(BaseCommand):
    help = "Adds what is new in the catalogue's file. Deletes nothing; prices and scores become new versions."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, default=seed.FILE)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            loaded = seed.load(seed.read_file(file))
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from None
        except KeyError as error:
            raise CommandError(f"{file} lacks {error} somewhere.") from None
        except (ValueError, TypeError, ArithmeticError) as error:
            raise CommandError(f"{file} is no catalogue: {error}") from None
        self.stdout.write(
            f"{loaded.providers} providers, {loaded.models} models, {loaded.prices} prices and "
            f"{loaded.scores} scores added or changed."
        )
