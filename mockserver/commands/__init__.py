"""The commands of `mockserver`: a module for each, whose `command` click calls, and what they share.

A module is imported when its command is called (`mockserver/cli.py` has the table), so that none pays for another.
"""
