"""One file a rule: its code, its name, its documentation and its judgement.

A new rule is one new file named ``nlpNNN_some_name.py``; it is found by walking this
package, and nothing else has to be told. A rule imports facts, findings and ``Rule``,
never another rule, a reader or a syntax tree.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from no_libpython_dlopen.model.rule import Rule


@cache
def codes() -> dict[str, str]:
    """Return each rule's code and its module's name, in order of code, importing none."""
    return {
        module.name.partition("_")[0].upper(): module.name
        for module in sorted(pkgutil.iter_modules(__path__), key=lambda found: found.name)
    }


@cache
def rule(code: str) -> Rule:
    """Return the rule of a code. Raises ``KeyError`` where there is none."""
    module = importlib.import_module(f"{__name__}.{codes()[code]}")
    for value in vars(module).values():
        if (
            isinstance(value, type)
            and issubclass(value, Rule)
            and value.__module__ == module.__name__
        ):
            return value()
    raise KeyError(code)


@cache
def codes_of_names() -> dict[str, str]:
    """Return the code of each rule's name, importing none: a module is called after both."""
    return {module.partition("_")[2].replace("_", "-"): code for code, module in codes().items()}


def prefix_of(selector: str) -> str:
    """Return the prefix of codes that a selector means: a prefix, a rule's name, or ``ALL``.

    Raises ``ValueError`` where it means none.
    """
    prefix = codes_of_names().get(selector.lower(), selector.upper())
    if prefix == "ALL":
        return "NLP"
    if not prefix or not any(code.startswith(prefix) for code in codes()):
        raise ValueError(f"unknown rule {selector!r}{hint(selector)}")
    return prefix


def hint(name: str) -> str:
    """Return the end of a message on an unknown rule: the rules that were probably meant."""
    longer = [code for code in codes() if name and code.startswith(name.upper())]
    if longer:
        return f"; {', '.join(longer)} begin with it"
    meant = nearest(name)
    return f"; did you mean {meant}?" if meant else "; `nolibpy rules` lists all rules"


def nearest(name: str) -> str:
    """Return the code or name of the rule that an unknown one probably means, empty for none."""
    from difflib import get_close_matches

    known = [*codes(), *codes_of_names()]
    close = get_close_matches(name.upper(), known, len(known))
    close = close or get_close_matches(name.lower(), known, 1)
    if name.upper().startswith("NLP"):  # the first digit of `NLP1x` says more than its last
        close = [one for one in close if one.startswith(name.upper()[:4])]
    return close[0] if close else ""


def rules() -> list[Rule]:
    """Return all rules, in order of code."""
    return [rule(code) for code in codes()]
