"""Labels of values that are not known because of a limit, with the limit of each.

They are bits beside those of ``abstract_values``, so that a value keeps them on its way to a load.
"""

from __future__ import annotations

from no_libpython_dlopen.model.limits import (
    PYTHON_ALTERNATIVES,
    PYTHON_CALLS,
    PYTHON_FILE_STEPS,
    PYTHON_ITEMS,
    PYTHON_MODULES,
    PYTHON_MODULES_BYTES,
    PYTHON_STEPS,
    PYTHON_TEXT,
    Limit,
)

CUTS: dict[int, Limit] = {
    8: PYTHON_STEPS,
    16: PYTHON_FILE_STEPS,
    32: PYTHON_CALLS,
    64: PYTHON_ALTERNATIVES,
    128: PYTHON_ITEMS,
    256: PYTHON_TEXT,
    512: PYTHON_MODULES,
    1024: PYTHON_MODULES_BYTES,
}
ANY_CUT = sum(CUTS)
#: The labels by the units of the limits: the limits themselves may be equal numbers.
CUT_BY: dict[str, int] = {limit.unit: label for label, limit in CUTS.items()}
