"""What `qb-assets doctor` looks at: whether everything that a run needs is there and well.

Each module has small functions that judge facts, and one check that finds the facts and gives them
to these. `examine` runs all checks; none of them stops the others.
"""
