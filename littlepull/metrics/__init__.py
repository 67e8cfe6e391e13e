"""What a monitor asks of us: figures, never anything of anybody. See docs/operations.md."""
