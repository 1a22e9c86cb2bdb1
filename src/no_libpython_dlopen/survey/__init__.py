"""A census of many artefacts: how many packages need libpython, and why.

``inputs`` says what is counted, ``work`` looks at one package, ``executors`` spreads that
over processes or a cluster, ``store`` keeps the results as they come, ``figures`` counts
them, and ``pages``, ``html`` and ``chart`` show the figures. Only the process that was
started writes; workers get plain values and return plain values. This package imports the
engine and all below it.
"""
