"""Public documents, every operation of them called: the mock beside Prism and Scalar's mock server, each answer judged.

`python -m benchmarks.any_document --help`. It takes no code from the rooms that it measures, but for reading files.
"""
