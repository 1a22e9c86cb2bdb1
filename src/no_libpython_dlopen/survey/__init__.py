"""A census of many artefacts: how many packages need libpython, and why.

``inputs`` says what is counted, ``worker`` checks one package, ``executors`` and ``clusters``
spread that over processes or machines, ``store`` keeps the results as they come, ``statistics``
counts them, and ``tables``, ``html`` and ``chart`` show the figures in the words of ``phrases``.
Only the process that was started writes; workers get plain values and return plain values. This
package imports the engine and all below it.
"""
