"""Media: what it is, and its pages and samples."""
