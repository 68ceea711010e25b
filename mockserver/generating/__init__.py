"""Answers from nothing but a schema: values that it allows, like those that people send, the same for the same seed.

Nothing here decides what is valid; the compiled validator does, before a value leaves.
"""
