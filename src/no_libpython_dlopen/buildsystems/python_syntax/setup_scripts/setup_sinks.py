"""What a Python file gives to the link of an extension module: the sinks of ``setup.py``.

Sources: distutils' ``Extension`` and ``build_ext`` (setuptools keeps them), cffi's
``FFI.set_source``, numpy.distutils' ``Configuration.add_extension``, pybind11's
``setup_helpers``, PyTorch's ``cpp_extension``, pkgconfig. Programs
(``link_executable``) and other shared libraries (``setuptools.Library``) are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from no_libpython_dlopen.buildsystems.common.link_fact import EXPECTED
from no_libpython_dlopen.buildsystems.common.link_graph import Blocker
from no_libpython_dlopen.buildsystems.python_syntax.script_model import Script, literal_items
from no_libpython_dlopen.buildsystems.python_syntax.setup_scripts.extension_makers import (
    arguments_with_libpython,
    class_around,
    has_own_init,
    is_extension,
    is_super_init,
    lists_linked_by_helpers,
)
from no_libpython_dlopen.buildsystems.python_syntax.setup_scripts.setup_prefilter import (
    DRIVES_COMPILER,
)
from no_libpython_dlopen.buildsystems.python_syntax.sinks import (
    ADDING,
    EXTENSION,
    LINKERS,
    POSITIONS,
    ROLES,
    SETTING,
    ListKind,
    Shape,
    Sink,
)
from no_libpython_dlopen.knowledge.plugin_hosts import BUILDS_FOR_HOST, is_no_extension
from no_libpython_dlopen.python.dataflow.bindings import BindingKind, Scope
from no_libpython_dlopen.python.evaluator.abstract_values import (
    Class,
    External,
    Instance,
    Items,
    Method,
    Partial,
)
from no_libpython_dlopen.python.evaluator.classes import bases_of
from no_libpython_dlopen.python.evaluator.other_modules import ImportedObject
from no_libpython_dlopen.python.syntax.calls import keywords
from no_libpython_dlopen.python.syntax.parse import descendants, last_word, nodes_of

#: The list of extensions that Cython returns, and what is in it.
_CYTHONIZED = re.compile(r"Cython\.(?:Build\.(?:Dependencies\.)?)?cythonize\(\)(?:\[\])?$")
_ITERATES = frozenset({"enumerate", "list", "reversed", "sorted", "tuple"})
_CALLS = frozenset({"set_source", "verify", "add_extension"})
_TORCH = re.compile(r"\bcpp_extension\.(?:load|load_inline)$")
_BUILD_EXT = re.compile(r"(?:^|\.)_?build_ext(?:$|\.)|(?:^|\.)BuildExt(?:ension)?$")
_EXECUTABLES = frozenset({"set_executable", "set_executables"})
_LINKS_MODULE = frozenset({"link_shared_object", "link_shared_lib"})
_ENVIRONMENT = frozenset({"LDFLAGS", "LDSHARED", "LDCXXSHARED"})
_CONFIGURATION = re.compile(r"(?:^|\.)get_config_vars\(\)$")
_EMBEDDING = frozenset({"embedding_api", "embedding_init_code"})


class SetupSinks:
    """The sinks of one Python file."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._evaluator = evaluator = script.evaluator
        self._calls = [
            (node, scope)
            for node, scope in evaluator.dataflow.live_expressions.items()
            if isinstance(node, cst.Call) and not evaluator.dataflow.is_never_called(scope)
        ]
        #: cffi then makes a library around an interpreter.
        self._embeds = any(
            isinstance(node.func, cst.Attribute) and node.func.attr.value in _EMBEDDING
            for node, _ in self._calls
        )
        self._builds = False

    def all(self) -> list[Sink]:
        """Return the sinks, in no order; none where another host than Python loads the module."""
        found: list[Sink] = []
        for node, scope in self._calls:
            found += self._call(node, scope)
        found += self._command_lines()
        found += self._attributes()
        found += self._library_overrides()
        if self._builds or found:
            found += self._environment()
        return [] if found and self._has_host() else found

    def _has_host(self) -> bool:
        """Return whether a JVM or Apache is what loads the module, with an interpreter in it."""
        flow = self._evaluator.dataflow
        return any(
            BUILDS_FOR_HOST.search(node.value) for node in nodes_of(flow.module, cst.SimpleString)
        ) or any(BUILDS_FOR_HOST.search(scope_name) for scope_name in _defined_names(flow.module))

    # Calls

    def _call(self, node: cst.Call, scope: Scope) -> Iterator[Sink]:
        word = last_word(node.func)
        makes, bound = self._makes(node, scope)
        if makes:
            self._builds = True
            yield from self._arguments(node, POSITIONS if not bound else {})
        elif helpers := self._helpers(node):
            self._builds = True
            yield from self._arguments_of_helpers(helpers, node)
        elif word in _CALLS:
            self._builds = True
            if word == "add_extension" or (self._is_cffi(node) and not self._embeds):
                yield from self._arguments(node, {})
        elif word == "set_source_pkgconfig" and not self._embeds:
            for argument in node.args[1:2]:
                target = self._target(node)
                yield Sink(argument.value, ListKind.PACKAGES, target, at=node)
            yield from self._arguments(node, {})
        elif word in _LINKS_MODULE and self._in_build_ext(scope):
            yield from self._arguments(node, {}, extra={"extra_postargs": ListKind.FLAGS})
        elif word in ADDING and node.args and self._in_build_ext(scope):
            yield Sink(node.args[0].value, ADDING[word], "", Shape.ITEM, at=node)
        elif word in SETTING and node.args and self._in_build_ext(scope):
            yield Sink(node.args[0].value, SETTING[word], at=node)
        elif word in _EXECUTABLES and self._in_build_ext(scope):
            yield from self._executables(node)
        elif word == "setup":
            yield from self._options(node)
        elif word == "configure_extension":  # pkgconfig's
            for argument in node.args[1:]:
                yield Sink(argument.value, ListKind.PACKAGES, at=node)
        elif any(_TORCH.search(name) for name in self._script.callee_names(node)):
            yield from self._arguments(node, {})

    def _executables(self, node: cst.Call) -> Iterator[Sink]:
        """Yield the command lines that ``compiler.set_executables(linker_so=…)`` sets."""
        named = keywords(node)
        if last_word(node.func) == "set_executable" and len(node.args) == 2:
            named = {self._script.text(node.args[0].value) or "": node.args[1].value}
        for name, value in named.items():
            for shape in (Shape.LIST, Shape.TEXT) if name in LINKERS else ():
                yield Sink(value, ListKind.FLAGS, "", shape, at=node)

    def _makes(self, node: cst.Call, scope: Scope) -> tuple[bool, bool]:
        """Return whether a call makes an extension, and whether it does so its own way."""
        if is_super_init(node) and (cls := class_around(scope)) is not None:
            return is_extension(self._evaluator, cls), False
        for callee in self._evaluator.evaluate(node.func).alternatives:
            if isinstance(callee, External) and callee.name == "functools.partial" and node.args:
                made = self._evaluator.evaluate(node.args[0].value).alternatives
                if any(is_extension(self._evaluator, one) for one in made):
                    return True, True
            own = False
            while isinstance(callee, Partial):
                callee, own = callee.callee, True
            if isinstance(callee, Method) and isinstance(callee.owner, Class):
                callee = callee.owner
            if is_extension(self._evaluator, callee):
                return True, own or has_own_init(self._evaluator, callee)
        return bool(EXTENSION.search(self._script.unbound_name(node.func))), False

    def _helpers(self, node: cst.Call) -> list[ImportedObject]:
        """Return the functions and classes of other modules that a call may be of."""
        several = self._evaluator.evaluate(node.func).alternatives
        return [one for one in several if isinstance(one, ImportedObject)]

    def _arguments_of_helpers(
        self, helpers: list[ImportedObject], node: cst.Call
    ) -> Iterator[Sink]:
        """Yield the arguments that a helper of another module passes to an extension."""
        target = self._target(node)
        for argument, given in arguments_with_libpython(self._evaluator, node):
            for role in lists_linked_by_helpers(helpers, given):
                key = given.keywords[0][0] if argument.star else ""
                yield Sink(
                    argument.value, ROLES[role], target, key=key, at=node, caveats=(EXPECTED,)
                )

    def _in_build_ext(self, scope: Scope | None) -> bool:
        cls = class_around(scope)
        return cls is not None and self._is_build_ext(cls)

    def _is_build_ext(self, cls: Class) -> bool:
        return any(
            isinstance(base, External) and _BUILD_EXT.search(base.name)
            for base in bases_of(self._evaluator, cls)
        )

    def _is_cffi(self, node: cst.Call) -> bool:
        if not isinstance(node.func, cst.Attribute):
            return False
        owners = self._evaluator.evaluate(node.func.value).alternatives
        known = [one.name for one in owners if isinstance(one, External)]
        if known:
            return any(name.endswith("FFI()") or "ffi" in name.lower() for name in known)
        owner = node.func.value
        return isinstance(owner, cst.Name) and "ffi" in owner.value.lower()

    def _arguments(
        self, node: cst.Call, positions: dict[int, str], extra: dict[str, ListKind] | None = None
    ) -> Iterator[Sink]:
        target = self._target(node)
        if target and is_no_extension(target):
            return
        roles = {**ROLES, **(extra or {})}
        starred = False
        for index, argument in enumerate(node.args):
            if argument.star == "*":
                starred = True
            elif argument.star == "**":
                for key, role in roles.items():
                    yield Sink(argument.value, role, target, key=key, at=node)
            elif argument.keyword is not None:
                name = argument.keyword.value
                if name in roles:
                    yield Sink(argument.value, roles[name], target, at=node)
                elif name in ("extra_info", "build_info"):
                    for key, role in roles.items():
                        yield Sink(argument.value, role, target, key=key, at=node)
            elif index in positions and not starred:
                yield Sink(argument.value, ROLES[positions[index]], target, at=node)

    def _target(self, node: cst.Call) -> str:
        """Return the module's name, if the call says it."""
        for index, argument in enumerate(node.args):
            named = argument.keyword is not None and argument.keyword.value in (
                "name",
                "module_name",
            )
            if named or (index == 0 and argument.keyword is None and not argument.star):
                return self._script.display_text(argument.value)
        return ""

    def _options(self, node: cst.Call) -> Iterator[Sink]:
        """Yield ``setup(options={"build_ext": {"libraries": ...}})``."""
        for argument in node.args:
            word = argument.keyword.value if argument.keyword is not None else ""
            if word == "ext_modules":
                yield from self._pairs(node, argument.value)
            elif word == "options" and isinstance(argument.value, cst.Dict):
                for element in argument.value.elements:
                    named = isinstance(element, cst.DictElement) and self._script.text(element.key)
                    for key in ("libraries", "link_objects") if named == "build_ext" else ():
                        yield Sink(element.value, ROLES[key], "", Shape.LIST, key, node)
                        yield Sink(element.value, ROLES[key], "", Shape.TEXT, key, node)

    def _pairs(self, node: cst.Call, modules: cst.BaseExpression) -> Iterator[Sink]:
        """Yield distutils' old form of an extension: its name, and a dictionary."""
        for option in self._evaluator.evaluate(modules).alternatives:
            for element in option.elements if isinstance(option, Items) else ():
                pair = element.node
                if isinstance(pair, cst.Tuple) and len(pair.elements) == 2:
                    target = self._script.text(pair.elements[0].value) or ""
                    for key in ("libraries", "extra_link_args", "extra_objects"):
                        yield Sink(pair.elements[1].value, ROLES[key], target, key=key, at=node)

    def _command_lines(self) -> Iterator[Sink]:
        """Yield the command lines by which a function of the project's own links a module.

        Such a line is a list, or a sum of lists, with ``-o`` among its words and no ``-c``.
        """
        for function in nodes_of(self._evaluator.dataflow.module, cst.FunctionDef):
            if not DRIVES_COMPILER.match(function.name.value):
                continue
            for node in descendants(function.body):
                if isinstance(node, (cst.List, cst.BinaryOperation)):
                    words = {self._script.text(word) for word in literal_items(node)}
                    if "-o" in words and words.isdisjoint(("-c", "-E", "-S", "--embed")):
                        yield Sink(node, ListKind.FLAGS, at=node, blocker=Blocker.COMMANDS)

    # Attributes and the environment

    def _attributes(self) -> Iterator[Sink]:
        """Yield the values put into attributes of extensions and of ``build_ext`` commands."""
        for mutation in self._script.mutations:
            base = mutation.base
            if not isinstance(base, cst.Attribute) or mutation.key is not None:
                continue
            scope = self._evaluator.dataflow.live_expressions.get(base)
            role = self._role(base.attr.value, base.value, scope)
            if role is not None:
                shape = Shape.ITEM if mutation.single else Shape.LIST
                yield Sink(mutation.value, role, "", shape, at=base)
        for name in (*ROLES, *LINKERS):
            for base_node, binding in self._evaluator.dataflow.attribute_stores.get(name, ()):
                if binding.value is not None and not binding.path:
                    role = self._role(name, base_node, binding.scope)
                    if role is not None:
                        yield Sink(binding.value, role, at=binding.node)

    def _role(self, name: str, owner: cst.BaseExpression, scope: Scope | None) -> ListKind | None:
        """Return the role of an attribute of an extension, a command, or their compiler."""
        if name in LINKERS:
            builds = self._in_build_ext(scope) or (self._builds and not class_around(scope))
            return ListKind.FLAGS if builds else None
        if name not in ROLES:
            return None
        compiles = last_word(owner) == "compiler" and self._in_build_ext(scope)
        return ROLES[name] if compiles or self._is_module(owner) else None

    def _library_overrides(self) -> Iterator[Sink]:
        """Yield the libraries that a ``build_ext`` of the file returns for each extension."""
        for scope in list(self._evaluator.dataflow.scopes.values()):
            node, parent = scope.node, scope.parent
            if (
                isinstance(node, cst.FunctionDef)
                and node.name.value == "get_libraries"
                and parent is not None
                and parent.is_class
                and self._is_build_ext(Class(parent))
            ):
                for returned in scope.returns:
                    if returned.value is not None:
                        yield Sink(returned.value, ListKind.LIBRARIES)

    def _is_module(self, node: cst.BaseExpression) -> bool:
        """Return whether an expression is an extension, or the command that builds them all."""
        for option in self._evaluator.evaluate(node).alternatives:
            if isinstance(option, External):
                name = option.name.removesuffix("()")
                return is_extension(self._evaluator, option) or bool(_CYTHONIZED.match(name))
            if isinstance(option, Instance):
                return is_extension(self._evaluator, option.cls) or self._is_build_ext(option.cls)
            if isinstance(option, Class):
                return is_extension(self._evaluator, option)
        if isinstance(node, cst.Subscript):
            return self._are_modules(node.value)
        if not isinstance(node, cst.Name):
            return False
        return bool(_EXTENSION_NAME.search(node.value)) or any(
            binding.kind is BindingKind.ELEMENT and self._are_modules(binding.value)
            for binding in self._script.bindings(node)
        )

    def _are_modules(self, node: cst.BaseExpression | None) -> bool:
        """Return whether an expression is a command's, a distribution's, or Cython's extensions."""
        if isinstance(node, cst.BooleanOperation):
            node = node.left
        if isinstance(node, cst.Call) and last_word(node.func) in _ITERATES and node.args:
            node = node.args[0].value
        if node is None:
            return False
        return last_word(node) in ("extensions", "ext_modules") or any(
            isinstance(option, External) and _CYTHONIZED.match(option.name)
            for option in self._evaluator.evaluate(node).alternatives
        )

    def _environment(self) -> Iterator[Sink]:
        """Yield the variables that distutils reads the linker's flags from."""
        for mutation in self._script.mutations:
            base, key = self._script.target_of(mutation)
            if key in _ENVIRONMENT and self._is_environment(base, key):
                yield Sink(mutation.value, ListKind.FLAGS, "", Shape.TEXT, at=base)
        for node, _ in self._calls:
            names = self._script.callee_names(node)
            if (
                names & {"os.environ.setdefault", "os.putenv"}
                and len(node.args) > 1
                and self._script.text(node.args[0].value) in _ENVIRONMENT
            ):
                yield Sink(node.args[1].value, ListKind.FLAGS, "", Shape.TEXT, at=node)

    def _is_environment(self, node: cst.BaseExpression, key: str) -> bool:
        """Return whether distutils reads a variable of a dictionary."""
        return any(
            isinstance(one, External)
            and (one.name == "os.environ" or (key != "LDFLAGS" and _CONFIGURATION.search(one.name)))
            for one in self._evaluator.evaluate(node).alternatives
        )


_EXTENSION_NAME = re.compile(r"(?:^|_)(?:ext|exts|extension|ext_?mod(?:ule)?)\d*$", re.IGNORECASE)


def _defined_names(module: cst.Module) -> Iterator[str]:
    """Yield the names that a module defines or imports."""
    for node in nodes_of(module, cst.FunctionDef, cst.ImportAlias):
        if isinstance(node.name, cst.Name):
            yield node.name.value
