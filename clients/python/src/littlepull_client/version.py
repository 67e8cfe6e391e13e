"""Of the client; the server has its own."""

from __future__ import annotations

__version__ = "0.1.0"
