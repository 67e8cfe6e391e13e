"""`littlepull`: the command line.

Exit codes: 0 done; 2 used wrongly; 3 refused, failed or not genuine; 4 not enough credits; 5 not reached, or no time
for us now; 130 interrupted. The API key comes from LITTLEPULL_API_KEY alone: an argument would be seen by others.
"""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Sequence

from littlepull_client.cli import account, extract, quote, receipt
from littlepull_client.cli.words import UsageError, complain, in_credits
from littlepull_client.errors import (
    APIError,
    ConnectionFailed,
    InsufficientCredits,
    LittlePullError,
    NotConfigured,
    RateLimited,
    ServerFailed,
    TimedOut,
)
from littlepull_client.version import __version__

DONE, USAGE, REFUSED, NO_CREDITS, NOT_REACHED, INTERRUPTED = 0, 2, 3, 4, 5, 130
EPILOG = """\
environment:
  LITTLEPULL_API_KEY    the API key (required)
  LITTLEPULL_BASE_URL   where the server is (default http://127.0.0.1:8000)

exit codes:
  0 done   2 used wrongly   3 refused, failed, or not genuine   4 not enough credits
  5 could not be reached, or has no time for you now   130 interrupted
"""


def main(arguments: Sequence[str] | None = None) -> int:
    parsed = _parser().parse_args(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # no locale may cost a result that was paid for
    try:
        parsed.run(parsed)
    except (UsageError, NotConfigured) as error:
        complain(str(error))
        return USAGE
    except LittlePullError as error:
        _explain(error)
        return exit_code(error)
    except BrokenPipeError:
        sys.stderr.close()  # who read our output has gone: nobody is left to tell
        return DONE
    except OSError as error:
        complain(f"{error.filename or 'A file'}: {error.strerror or type(error).__name__}.")
        return USAGE
    except KeyboardInterrupt:
        return INTERRUPTED
    return DONE


def exit_code(error: LittlePullError) -> int:
    if isinstance(error, InsufficientCredits):
        return NO_CREDITS
    if isinstance(error, ConnectionFailed | TimedOut | RateLimited | ServerFailed):
        return NOT_REACHED
    return REFUSED


def _explain(error: LittlePullError) -> None:
    complain(str(error))
    if isinstance(error, APIError):
        for fault in error.errors:
            complain(f"  {fault.pointer or '/'}: {fault.message}")
        if error.required is not None and error.available is not None:
            complain(f"  it takes {in_credits(error.required)}, and there are {in_credits(error.available)}")
    if isinstance(error, TimedOut) and error.extraction_id:
        complain(f"  {error.extraction_id} goes on and is charged when it ends")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="littlepull",
        description="Photos, PDFs and recordings in; JSON that fits your schema out.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"littlepull {__version__}")
    commands = parser.add_subparsers(required=True, metavar="command")
    for module in (extract, quote, account, receipt):
        module.add_to(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
