"""A rewrite is safe only where nothing that is not followed may change the library's name.

A program keeps the name somewhere, has a function that opens the library by it, and then does
something else: what may give that function another name, and what surely does not.
"""

from __future__ import annotations

import pytest

from no_libpython_dlopen.engine import api

LIB = '"libpython3.11.so"'
IMPORTS = """\
import abc, collections, ctypes, dataclasses, enum, functools, inspect, itertools, json, operator
import pickle, sys, threading, types, typing, other
"""
MODULE = f"LIB = {LIB}\ndef clear(): ctypes.PyDLL(LIB).PyErr_Clear()"
RETURNED = f"LIB = {LIB}\ndef name(): return LIB\ndef clear(): ctypes.PyDLL(name()).PyErr_Clear()"
FLAT = f"""d = {{"a": "liba.so", "b": {LIB}}}\ndef clear(): ctypes.PyDLL(d["b"]).PyErr_Clear()"""
NESTED = f"""d = {{"a": {{"b": {LIB}}}, "c": {{}}}}
def clear(): ctypes.PyDLL(d["a"]["b"]).PyErr_Clear()"""
LIST = f"""d = [{LIB}]\ndef clear(): ctypes.PyDLL(d[0]).PyErr_Clear()"""
LISTS = f"""d = [[{LIB}], ["b"]]\ndef clear(): ctypes.PyDLL(d[0][0]).PyErr_Clear()"""
CONSTANT = f"""class Plug:
    lib = {LIB}
    def clear(self): ctypes.PyDLL(self.lib).PyErr_Clear()"""
BY_TEXT = CONSTANT.replace("self.lib", 'getattr(self, "lib")')
BY_GETTER = CONSTANT.replace("self.lib", 'operator.attrgetter("lib")(self)')
PROPERTY = f"""class Plug:
    def __init__(self): self._lib = {LIB}
    @property
    def lib(self): return self._lib
    def clear(self): ctypes.PyDLL(self.lib).PyErr_Clear()"""
HELD = f"""class Plug:
    def __init__(self): self.d = {{"b": {LIB}}}
    def clear(self): ctypes.PyDLL(self.d["b"]).PyErr_Clear()"""
PLATFORMS = f"""class Plug:
    def __init__(self):
        if sys.platform.startswith("win"): self.lib = "python311.dll"
        else: self.lib = {LIB}
    def clear(self): ctypes.PyDLL(self.lib).PyErr_Clear()"""
FIELD = f"""@dataclasses.dataclass
class Plug:
    lib: str = {LIB}
    @classmethod
    def make(cls, one): return None
    def clear(self): ctypes.PyDLL(self.lib).PyErr_Clear()"""
TUPLE = f"""class Plug(typing.NamedTuple):
    lib: str = {LIB}
    def clear(self): ctypes.PyDLL(self.lib).PyErr_Clear()"""
DECORATED = f"""def replaced(one): return lambda: other.name
@replaced
def name(): return {LIB}
def clear(): ctypes.PyDLL(name()).PyErr_Clear()"""
DEFAULT = f"""def name(one={LIB}): return one
def clear(): ctypes.PyDLL(name()).PyErr_Clear()"""
VARIABLE = """import sysconfig
def clear(): ctypes.PyDLL(sysconfig.get_config_var('LDLIBRARY')).PyErr_Clear()"""
PARSER = f"""import configparser
p = configparser.ConfigParser()
p.read_string('[a]\\nb = ' {LIB})
def clear(): ctypes.PyDLL(p.get('a', 'b')).PyErr_Clear()"""
BUFFER = f"""d = ctypes.create_string_buffer(b{LIB}, 99)
def clear(): ctypes.PyDLL(d.value.decode()).PyErr_Clear()"""
TEXT = f"def clear(): ctypes.PyDLL(str({LIB})).PyErr_Clear()"
JOINED = """import importlib, os, posixpath
def clear(): ctypes.PyDLL(os.path.join("", "libpython3.11.so")).PyErr_Clear()"""
BY_PLATFORM = f"""d = {{"linux": {LIB}, "win32": "python311.dll"}}
def clear(): ctypes.PyDLL(d[sys.platform]).PyErr_Clear()"""
SYSTEM = f"""import platform
d = {{"Linux": {LIB}, "Windows": "python311.dll"}}
def clear(): ctypes.PyDLL(d[platform.system()]).PyErr_Clear()"""
TEMPLATE = """import string
def clear(): ctypes.PyDLL(string.Template("$a").substitute(a="libpython3.11.so")).PyErr_Clear()"""
MEMBER = f"""class E(enum.Enum):
    A = {LIB}
def clear(): ctypes.PyDLL(E.A.value).PyErr_Clear()"""
SLOTS = f"""class Plug:
    __slots__ = ("lib",)
    def __init__(self): self.lib = {LIB}
    def clear(self): ctypes.PyDLL(self.lib).PyErr_Clear()"""
CLOSURE = f"""def outer():
    lib = {LIB}
    def clear(): ctypes.PyDLL(lib).PyErr_Clear()
    return clear"""
FOREIGN = f"""class Plug(other.Plug):
    lib = {LIB}
    def clear(self): ctypes.PyDLL(self.lib).PyErr_Clear()"""

#: What may give a name another value, by where the name is kept.
CHANGED = {
    MODULE: (
        "exec(code)",
        "exec(code, globals())",
        "exec(compile(text, 'x', 'exec'), globals())",
        "exec(\"LIB = 'other'\")",
        "eval(\"(LIB := 'other')\", globals())",
        "space = globals()\nexec(code, space)",
        "other.load(globals())",
        "def put(space, name): space[name] = 1\nput(globals(), 'LIB')",
        "other.load(sys.modules[__name__])",
        "vars()['LIB'] = 1",
        "sys._getframe().f_globals['LIB'] = 1",
        "clear.__globals__.update(LIB=1)",
        "clear.__globals__.pop('LIB')",
        "from config import *",
        "del LIB",
        "clear()\nLIB = 'libpython3.12.so'",
        "run = exec\nrun(code)",
        "functools.partial(exec, code)()",
        "list(map(exec, codes))",
        "import builtins\nrun = builtins.exec",
        "names = globals\nnames()['LIB'] = 1",
        "import __main__ as me\nsetattr(me, 'LIB', 1)",
        "import builtins\ngetattr(builtins, 'ex' + 'ec')(code)",
        "import builtins\nvars(builtins)['ex' + 'ec'](code)",
        "import builtins\nbuiltins.__dict__['exec'](code)",
        "import builtins\noperator.methodcaller('exec', code)(builtins)",
        "import builtins\ninspect.getattr_static(builtins, 'exec')(code)",
        "import builtins\ndict(inspect.getmembers(builtins))['exec'](code)",
        "import builtins\nfunctools.partial(getattr, builtins)('exec')(code)",
        "import builtins as b\ngetattr(b, other.name)(code)",
        "from builtins import exec as run\nrun(code)",
        "getattr(__builtins__, 'exec')(code)",
        "getattr(sys.modules['builtins'], 'exec')(code)",
        "getattr(__import__('builtins'), 'exec')(code)",
        "other.use(__builtins__)",
        "getattr(clear, '__glo' + 'bals__')['LIB'] = 1",
        "operator.attrgetter('__globals__')(clear)['LIB'] = 1",
        "dict(inspect.getmembers(clear))['__globals__']['LIB'] = 1",
        "object.__getattribute__(clear, '__globals__')['LIB'] = 1",
        "types.FunctionType.__globals__.__get__(clear)['LIB'] = 1",
        "ctypes.pythonapi.PyRun_SimpleString(code)",
        'ctypes.pythonapi.PyRun_SimpleString(b"LIB = 1")',
        'ctypes.pythonapi.PyRun_SimpleString(b"print(change())")',
        "import gc\nfor one in gc.get_objects(): change(one)",
    ),
    TEXT: (
        "import builtins\nbuiltins.str = other.name",
        "import builtins as b\nb.str = other.name",
        "import builtins\nsetattr(builtins, 's' + 'tr', other.name)",
        "import builtins\nvars(builtins)['str'] = other.name",
        "import builtins\nbuiltins.__dict__.update(str=other.name)",
        "import builtins\nx, builtins.str = 1, other.name",
        "import builtins\nother.change(vars(builtins))",
        "import builtins\nother.patch.object(builtins, 'str', 1)",
        "import builtins\nother.patch.dict(vars(builtins), str=1)",
        "other.patch('builtins.str', 1)",
        "globals()['str'] = other.name",
        "__builtins__.str = other.name",
        "__builtins__['str'] = other.name",
        "__builtins__.update(str=1)",
        "sys.modules['builtins'].str = other.name",
        "sys._getframe().f_builtins['str'] = 1",
        "clear.__builtins__['str'] = other.name",
        "exec(code)",
    ),
    JOINED: (
        "posixpath.join = other.name",
        "os.path.join = other.name",
        "for name in ['join']: setattr(posixpath, name, 1)",
        "importlib.import_module('posixpath').join = other.name",
        "importlib.import_module(other.name).join = other.name",
        "os.path = other.path",
    ),
    BY_PLATFORM: (
        "sys.platform = 'win32'",
        "def put(module): module.platform = 'win32'\nput(sys)",
        "setattr(sys.modules['sys'], 'platform', 'win32')",
        "x, sys.platform = 1, 'win32'",
        "for sys.platform in names: clear()",
    ),
    SYSTEM: (
        "platform.system = other.name",
        "platform.uname = other.name",
        "platform._uname_cache = other.name",
        "platform.__dict__['uname'] = other.name",
    ),
    TEMPLATE: ("string.Template.substitute = other.name", "string.Template.__init__ = other.name"),
    MEMBER: (
        "E.A._value_ = 'other'",
        "object.__setattr__(E.A, '_value_', 'other')",
        "vars(E.A)['_value_'] = 'other'",
        "E._member_map_['A']._value_ = 'other'",
        "for one in E: one._value_ = 'other'",
        "E['A']._value_ = 'other'",
        "def put(one): one._value_ = 'other'\nput(E.A)",
        "setattr(E.A, '_val' + 'ue_', 'other')",
    ),
    SLOTS: (
        "Plug.lib.__set__(Plug(), 'other')",
        "put = Plug.lib.__set__\nput(Plug(), 'other')",
        "vars(Plug)['lib'].__set__(Plug(), 'other')",
    ),
    CLOSURE: (
        "outer().__closure__[0].cell_contents = 1",
        "setattr(outer().__closure__[0], 'cell_contents', 1)",
        "for one in outer().__closure__: setattr(one, 'cell_' + 'contents', 1)",
        "types.CellType.cell_contents.__set__(outer().__closure__[0], 1)",
        "operator.methodcaller('__setattr__', 'cell_contents', 1)(outer().__closure__[0])",
        "ctypes.pythonapi.PyCell_Set(outer().__closure__[0], 1)",
    ),
    DECORATED: ("",),
    DECORATED.replace("def replaced(one): return lambda: other.name", ""): ("",),
    DECORATED.replace("@replaced", "@functools.singledispatch"): (
        "@name.register(int)\ndef _(one): return other.name",
    ),
    DEFAULT: ("name.__defaults__ = ('other',)",),
    VARIABLE: (
        "sysconfig.get_config_vars()['LDLIBRARY'] = 1",
        "known = sysconfig.get_config_vars()\nknown.update(LDLIBRARY=1)",
    ),
    PARSER: ("p.read('user.ini')", "p.set('a', 'b', 'other')", "p.remove_option('a', 'b')"),
    BUFFER: (
        "d.value = other.name",
        "d[:10] = other.name",
        "for number, one in enumerate(other.name): d[number] = one",
        "ctypes.memmove(d, other.name, 10)",
        "ctypes.CDLL(None).strcpy(d, other.name)",
        "memoryview(d).cast('B')[:10] = other.name",
    ),
    RETURNED: ("exec(code)", "globals().update(other.settings)"),
    FLAT: (
        "d.pop(other.name)",
        "del d[other.name]",
        "d.clear()",
        "d.popitem()",
        "other.fill(d)",
        "other.fill(target=d)",
        "other.settings = d",
        "for one in [d]: one['b'] = 1",
        "def settings(): return d",
        "def several(): yield d",
        "def put(name, space=d): space['b'] = name",
        "put = lambda name: d.__setitem__('b', name)",
        "put = functools.partial(d.update, b=1)",
        "(e := d)['b'] = 1",
        "e = d if other.x else {}\ne['b'] = 1",
        "e = d or {}\ne['b'] = 1",
        "e, f = d, 1\ne['b'] = 1",
        "collections.ChainMap(d)['b'] = 1",
        "[one.update(b=1) for one in (d,)]",
        "operator.setitem(d, 'b', 1)",
        "json.load(file, object_hook=d.update)",
        "exec(code, d)",
        "def configure(name): d['b'] = name",
        "def configure(names): d['b'], x = names",
        "def configure(names):\n    for d['b'] in names: pass",
        "def configure(one):\n    with one as d['b']: pass",
        "def put(**several): several['e']['b'] = 1\nput(e=d)",
        "def put(*several): several[0]['b'] = 1\nput(d)",
        "match d:\n    case e: e['b'] = 1",
        "def configure(name): d.setdefault(name, 1)",
    ),
    NESTED: (
        "match d:\n    case {'a': x}: x['b'] = 1",
        "d['a']['b'] = 1",
        "d['a'].update(b=1)",
        "d['a'].setdefault(other.key, 1)",
        "d['a'] |= {'b': 1}",
        "del d['a']['b']",
        "d['a'].pop('b')",
        "d['a'].clear()",
        "e = d['a']\ne['b'] = 1",
        "e = d.get('a')\ne['b'] = 1",
        "for one in d.values(): one['b'] = 1",
        "for key in d: d[key]['b'] = 1",
        "e = d.copy()\ne['a']['b'] = 1",
        "e = dict(d)\ne['a']['b'] = 1",
        "e = {**d}\ne['a']['b'] = 1",
        "e = d | {}\ne['a']['b'] = 1",
        "other.fill(d['a'])",
        "d['a'].x = d['a'].update",
    ),
    f"e = {{'b': {LIB}}}\nd = {{'a': e}}\ndef clear(): ctypes.PyDLL(d['a']['b']).PyErr_Clear()": (
        "e['b'] = 1",
        "e.update(b=1)",
    ),
    LIST: (
        "d.reverse()",
        "d.sort(key=other.key)",
        "d.pop(0)",
        "d += ['liba.so']",
        "def add(name): d.insert(0, name)",
        "def add(name): d[0] = name",
        "other.fill(d)",
    ),
    LISTS: (
        "d[0][0] = 1",
        "d[0].insert(0, 1)",
        "d[:1][0][0] = 1",
        "e, f = d\ne[0] = 1",
        "for number, one in enumerate(d): one[0] = 1",
        "for one in map(list.sort, d): pass",
        "d[0] += [1]",
    ),
    FLAT.replace("d =", "d = e ="): ("e['b'] = 1",),
    CONSTANT.replace("class", "@other.configured\nclass"): ("",),
    CONSTANT.replace("Plug:", "Plug(metaclass=other.Meta):"): ("",),
    CONSTANT: (
        "exec(code)",
        "exec(\"Plug.lib = 'other'\")",
        "types.new_class('Other', (Plug,), {}, lambda names: names.update(lib=1))",
        "bases = (Plug,)\ntype('Other', bases, {'lib': 1})",
        "row = ('Other', (Plug,), {'lib': 1})\ntype(*row)",
        "dataclasses.make_dataclass('Other', [('lib', str, 'x')], bases=(Plug,))",
        "class Meta(type): pass\nMeta('Other', (Plug,), {'lib': 1})",
        "Plug.lib += other.suffix",
        "del Plug.lib",
        "other.plug().lib = 1",
        "def change(one): one.lib = 1",
        "pickle.load(file).clear()",
        "put = setattr\nput(Plug(), 'lib', 1)",
        "list(map(setattr, plugs, names, values))",
        "def put(*row): setattr(*row)",
        "functools.partial(setattr, Plug)('lib', 1)",
        "def test(monkeypatch): put = monkeypatch.setattr; put(Plug, 'lib', 1)",
        "replace = other.patch.object\nreplace(Plug, 'lib', 1)",
        "other.patch.multiple('module.Plug', lib=1)",
        "parser.parse_args(namespace=Plug())",
        "plug = Plug()\nparser.parse_known_args(None, plug)",
        "plug = typing.cast(Plug, Plug())\nplug.lib = 1",
        "class More(Plug): vars()['lib'] = 1",
        "class More(Plug):\n    def __getattribute__(self, name): return other.name",
        "class Meta(type):\n    def __prepare__(name, bases): return {'lib': 1}",
        "def configured(cls):\n    class More(cls): lib = 1\n    return More",
        "class More(collections.namedtuple('More', 'lib'), Plug): pass",
        "class More(other.Mixin, Plug): pass",
        "Plug.clear(types.SimpleNamespace(lib='other'))",
        "Plug.clear(other.plug)",
        "class More: lib = 'other'\nPlug.clear(More())",
        "class More:\n    lib = 'other'\n    clear = Plug.clear",
        "class More: lib = 'other'\ntypes.MethodType(Plug.clear, More())()",
        "Plug.clear.__get__(other.plug)()",
        "functools.update_wrapper(Plug(), other.plug, ())",
        "operator.methodcaller('__setattr__', 'lib', 1)(Plug())",
    ),
    BY_TEXT: (
        "setattr(Plug, 'lib', 1)",
        "def put(name): setattr(Plug, name, 1)",
        "def put(one, **given): one.__dict__.update(given)",
        "other.patch.object(Plug, 'lib', 1)",
        "exec(code)",
    ),
    BY_TEXT.replace("self", "cls").replace("    def", "    @classmethod\n    def"): (
        "setattr(Plug, 'lib', 1)",
    ),
    BY_GETTER: ("setattr(Plug, 'lib', 1)", ""),
    PROPERTY: (
        "def put(one, name): setattr(one, name, 1)",
        "Plug().__dict__['_lib'] = 1",
        "other.plug()._lib = 1",
    ),
    HELD: (
        "plug = Plug()\ne = plug.d\ne['b'] = 1",
        "Plug().d.update(other.settings)",
        "other.fill(Plug().d)",
        "setattr(Plug, 'd', {})",
    ),
    FIELD: (
        "for one in map(Plug, names): one.clear()",
        "for one in itertools.starmap(Plug, rows): one.clear()",
        "{'plug': Plug}['plug'](1).clear()",
        "for cls in [Plug]: cls(1).clear()",
        "Make = Plug\nMake(1).clear()",
        "other.make(Plug, 1).clear()",
        "functools.partial(Plug, lib=1)().clear()",
        "def another(one): return type(one)(1)",
        "def another(one): return one.__class__(1)",
        "globals()['Plu' + 'g'](1).clear()",
        "getattr(sys.modules[__name__], x)(1).clear()",
        "eval('Plug(1)').clear()",
        "change = Plug().__replace__\nchange(lib=1).clear()",
        "plug = Plug()\nplug.__init__('other')",
        "class More(Plug): pass\nlist(map(More, names))",
        "Plug(**given).clear()",
    ),
    FIELD.replace("return None", "return list(map(cls, one))"): ("Plug.make(names)",),
    TUPLE: (
        "Plug._make(row).clear()",
        "for one in map(Plug._make, rows): one.clear()",
        "make = Plug._make\nmake(row).clear()",
        "Plug()._replace(lib=1).clear()",
        "Plug()._replace(**given).clear()",
        "change = Plug()._replace\nchange(lib=1).clear()",
        "Plug.__new__ = other.make",
    ),
    FOREIGN: ("Plug(lib=1).clear()", "Plug(**given).clear()"),
    "LIB = 'other'\ndef clear(): ctypes.PyDLL(LIB).PyErr_Clear()": (
        f"clear()\nLIB = {LIB}",
        f"threading.Thread(target=clear).start()\nLIB = {LIB}",
    ),
    "d = {'b': 'other'}\ndef clear(): ctypes.PyDLL(d['b']).PyErr_Clear()": (
        f"clear()\nd['b'] = {LIB}",
    ),
}
#: What does not.
KEPT = {
    MODULE: (
        "about = {}\nexec(open('about.py').read(), about)",
        "exec('import os, re')",
        "print('x' in globals(), globals().get('y'), globals()['LIB'])",
        "print('{LIB}'.format(**globals()), '%(LIB)s' % globals())",
        "inspect.getmembers(sys.modules[__name__], inspect.isclass)",
        "data = pickle.load(file)",
        "from os.path import *",
        "OTHER = None\nOTHER = 1",
        "class Table:\n    def exec(self): return self.globals\nrun = Table().exec",
        "import builtins\nprint(builtins.open, hasattr(builtins, 'exec'), dir(builtins))",
        "import builtins\ngetattr(builtins, 'open')(file)\nbuiltins.open = other.open",
        "import builtins\nother.patch.object(builtins, 'input', other.name)",
        "import builtins\nprint('x' in vars(builtins), sorted(vars(builtins)))",
        "import builtins\nvars(builtins)['_'] = other.translate",
        "use = isinstance(__builtins__, dict)",
        "clear.__doc__ = clear.__name__ = 'other'",
        "sys.modules['other'].x = sys.modules.get('builtins')",
        "def use(globals, locals): return other.use(globals, locals=locals)",
        "other.patch.object(other, 'x', 1)",
    ),
    DECORATED.replace("@replaced", "@functools.lru_cache(None)"): ("",),
    DECORATED.replace("return lambda: other.name", "other.add(one); return one"): ("",),
    DEFAULT: ("print(name.__defaults__)",),
    VARIABLE: (
        "print('%(LIBDIR)s' % sysconfig.get_config_vars(), sysconfig.get_config_vars()['LIBDIR'])",
    ),
    PARSER: ("print(p.get('a', 'b'), p.sections(), p.has_option('a', 'b'))",),
    BUFFER: ("print(d.value, d.raw, len(d), ctypes.sizeof(d), d)",),
    TEXT: (
        "import builtins\nbuiltins.open = other.open\nother.str = 1",
        "other.patch('builtins.open', 1)\nclass A: str = 1\nA.str = 2",
    ),
    JOINED: ("os.environ['join'] = other.name\nos.name = 'nt'", "other.join = other.name"),
    BY_PLATFORM: (
        "sys.argv = []\nsys.stdout = other.stream\nother.use().platform = 1",
        "sys.excepthook_of = sys.path.append('x')",
    ),
    SYSTEM: ("sys.platform = 'win32'\nprint(platform.uname())",),
    MEMBER: ("print(E.A._value_, E.A.name, list(E))\nE.A.x = 1",),
    SLOTS: ("print(Plug().lib, Plug.lib, Plug.__slots__)",),
    CLOSURE: ("print(outer().__closure__[0].cell_contents)",),
    "from config import *\nimport ctypes\nLIB = None\n" + MODULE: ("",),
    FLAT: (
        "d['a'] = 1",
        "print(json.dumps(d), len(d), 'b' in d, sorted(d), d.get('b'))",
        "for key, value in d.items(): print(f'{key} {value}', d)",
        "e = {**d}\ne['b'] = 1",
        "e = dict(d)\ne['b'] = 1",
        "del d['a']",
        "d.pop('a')",
        "def configure(name): d['a'] = name",
        "def show(space): print(space['b'])\nshow(d)",
    ),
    NESTED: (
        "d['c']['b'] = 1",
        "print(d['a']['b'], d['a'].get('b'), len(d['a']), 'b' in d['a'])",
        "for key in d['a']: print(key)",
        "d['c'] = 1",
    ),
    LIST: ("print(', '.join(d), d.index('x'))", "for one in d: print(one)", "e = [*d]\ne.clear()"),
    LIST.replace("\n", "\nd.append('liba.so')\n"): ("",),
    CONSTANT.replace("Plug:", "Plug(metaclass=abc.ABCMeta):"): ("",),
    CONSTANT: (
        "PLUGINS = [Plug]\nfor one in PLUGINS: one().clear()",
        "other.register(Plug)",
        "Error = type('Error', (Exception,), {'lib': 1})",
        "threading.Thread(target=Plug().clear).start()",
        "class Options: pass\ndef put(one=Options()): one.lib = 1",
        "print(type(Plug()).__name__, Plug().__class__.__name__)",
        "class Other: pass\nOther().lib = 1",
        "class More(Plug):\n    def clear(self): Plug.clear(self)",
        "Plug.clear(Plug())\nprint(Plug.clear.__name__)",
        "class Mixin: pass\nclass More(Mixin, Plug): pass",
        "class More(Plug, other.Mixin): pass\nMore().clear()",
        "args = other.parser.parse_args(['x'])",
        "class Other:\n    def __init__(self): Other.setup(self)\n    def setup(self): self.x = 1",
    ),
    PLATFORMS: ("print(Plug().lib)", "Plug().clear()"),
    HELD: ("print(Plug().d['b'], len(Plug().d))", "Plug().d['x'] = 1"),
    FIELD: (
        "Plug().clear()\nassert isinstance(Plug(), (Plug, int)) and issubclass(Plug, Plug)",
        "def use(one: Plug) -> list[Plug]: return [one]",
        "class More(Plug): pass\nMore().clear()",
        "Plug.make(1)\nprint(Plug.lib, Plug.__name__)",
    ),
    TUPLE: ("Plug().clear()\nprint(Plug()._asdict(), Plug._fields)",),
    FOREIGN: ("Plug(name=1).clear()",),
    "version = sys.version_info[:2]\nname = 'libpython%d.%d.so' % version\n"
    "def clear(): ctypes.PyDLL(name).PyErr_Clear()": ("other.use(version)",),
}


def programs(table: dict[str, tuple[str, ...]]) -> list[object]:
    """Return the programs of a table; each is named by what follows the function."""
    return [
        pytest.param(f"{IMPORTS}{kept}\n{then}\n", id=f"{number} {then}")
        for number, (kept, several) in enumerate(table.items())
        for then in several
    ]


def fixes(code: str) -> set[str]:
    """Return how far the fix of a program's load is trusted."""
    found = api.check_bytes(code.encode(), "module.py")
    assert found
    return {one.fix.applicability.value if one.fix else "none" for one in found}


@pytest.mark.parametrize("code", programs(CHANGED))
def test_a_fix_is_not_safe_where_the_name_may_be_another(code: str) -> None:
    assert "safe" not in fixes(code)


@pytest.mark.parametrize("code", programs(KEPT))
def test_a_fix_is_safe_where_the_name_stays(code: str) -> None:
    assert fixes(code) == {"safe"}
