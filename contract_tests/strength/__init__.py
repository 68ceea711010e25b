"""How much the suite would notice: it answers itself rightly, then wrongly in every way it knows, and counts.

Offline and in memory: no socket, no process, no mock. The suite itself imports nothing of this.
"""
