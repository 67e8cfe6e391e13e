"""`python -m littlepull_client` is `littlepull`."""

from __future__ import annotations

import sys

from littlepull_client.cli.main import main

sys.exit(main())
