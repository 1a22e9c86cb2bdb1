"""Reading Python: which calls open libpython, and what may be written in their place.

``prefilter`` decides on bytes and ``syntax`` parses. ``dataflow`` says which binding a name
means where it is read, ``evaluator`` which values an expression may have, ``project`` what is
imported from the project's other modules. ``library_loads`` finds the calls that open
libpython, and ``fixes`` what may be written in their place. ``reader`` makes the facts.
"""
