"""The pages of whoever is signed in: each parses, calls the verbs that the API calls, and renders."""
