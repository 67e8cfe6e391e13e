"""The operator's day: Django's admin with a door for staff alone, a home that says what needs somebody, and roles."""
