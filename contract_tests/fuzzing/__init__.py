"""Fuzzing: requests that hypothesis generates from the schemas of the document, judged as the cases are.

`fuzz.py` says what there is to fuzz and needs no hypothesis; everything else does, and is imported when a fuzz runs.
"""
