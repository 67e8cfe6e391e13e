"""Knows every table, so it stands above all of them: what is held, why, for how long, and what a person may ask of it.

Front doors: models, errors, data_map (the record of processing), holdings (what is held of one person),
subject_requests (verbs), identity (a mailed code), export, preview and erase (an erasure), erasure_log and reapply
(erasures after a restore), rectify, reminders (of what is due), policies, processors (who else receives data).
"""
