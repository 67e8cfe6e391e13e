"""Knows every table, so it stands above all of them: what is held, why, and for how long.

Front doors: models, data_map.
"""
