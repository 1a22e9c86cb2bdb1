"""A rewrite is not safe where code that is not followed may notice it."""

from __future__ import annotations

import pytest

from no_libpython_dlopen.engine import api
from no_libpython_dlopen.model.finding import Applicability

#: Ways in which a file asks a library about itself that it opened as ``lib``, by which its own
#: name is not followed: on a static build the copy answers otherwise than Python's own.
HIDDEN_QUESTIONS = (
    "print(globals()['lib'].Py_IsInitialized())",
    "print(globals().get('lib', locals().get('lib')).Py_IsInitialized())",
    "print(vars()['lib'].Py_GetPrefix())",
    "print(eval('lib').PyGILState_Check())",
    "print(eval('lib.Py_IsInitialized()'))",
    "exec('print(lib.Py_IsInitialized())')",
    "print(sys.modules[__name__].lib.Py_IsInitialized())",
    "import __main__\nprint(__main__.lib.Py_IsInitialized())",
    "print(getattr(sys.modules[__name__], 'lib').Py_IsInitialized())",
    "print((lambda: 0).__globals__['lib'].Py_IsInitialized())",
    "print(operator.attrgetter('lib.Py_IsInitialized')(sys.modules['__main__'])())",
    "for name in ('Py_IsInitialized', 'Py_GetVersion'): print(getattr(globals()['lib'], name)())",
    "print(ctypes.PYFUNCTYPE(ctypes.c_int)(('Py_IsInitialized', lib))())",
)
#: What hides the exception of a load that fails, where nothing handles it.
HIDING = (
    "sys.stderr = io.StringIO()",
    "sys.stderr = None",
    "setattr(sys, 'stderr', None)",
    "os.dup2(os.open(os.devnull, os.O_WRONLY), 2)",
    "os.dup2(log.fileno(), sys.stderr.fileno())",
    "os.close(2)",
    "contextlib.redirect_stderr(io.StringIO()).__enter__()",
    "logging.raiseExceptions = False",
    "print(reprlib.repr(other))",
    "code.InteractiveInterpreter({'clear': clear}).runsource('clear()')",
    "print(len(unittest.TextTestRunner(stream=io.StringIO()).run(suite).errors))",
)
#: What tells a load from its rewrite though nothing is asked of the library, and what does not.
TELLING = (
    ("import dis\ndis.dis(clear)", "import sys\nsys.exit(clear)"),
    ("print(inspect.findsource(clear))", "print(inspect.isfunction(clear))"),
    ("print(os.popen(f'grep libpython /proc/{os.getpid()}/maps').read())", "print('/maps.txt')"),
    ("print(subprocess.run(['lsof', '-p', str(os.getpid())]))", "print('lsof-like')"),
    ("os.system('pmap %d' % os.getpid())", "os.system('mapper')"),
    (
        "try: clear()\nexcept AttributeError as error: print(error)",
        "try: clear()\nexcept AttributeError: print('none')",
    ),
    (
        "try: clear()\nexcept (ValueError, AttributeError): print(traceback.format_exc())",
        "try: clear()\nexcept ValueError as error: print(error)",
    ),
)
LOAD = 'import ctypes, sys\nlib = ctypes.PyDLL("libpython3.11.so")\n'
CLEAR = 'def clear(): ctypes.PyDLL("libpython3.11.so").PyErr_Clear()\n'


@pytest.mark.parametrize("question", HIDDEN_QUESTIONS)
def test_a_question_that_the_name_does_not_lead_to(question: str) -> None:
    (found,) = (
        one for one in api.check_bytes((LOAD + question).encode(), "a.py") if one.start.row == 2
    )
    assert found.fix is None or found.fix.applicability is Applicability.UNSAFE
    answered = question.replace("print(", "(").replace("Py_IsInitialized", "PyErr_Clear")
    answered = answered.replace("Py_GetPrefix", "PyErr_Clear")
    answered = answered.replace("PyGILState_Check", "PyErr_Clear")
    (found,) = (
        one for one in api.check_bytes((LOAD + answered).encode(), "a.py") if one.start.row == 2
    )
    assert found.fix is not None
    assert found.fix.applicability is Applicability.SAFE


@pytest.mark.parametrize("hiding", HIDING)
def test_an_exception_that_nobody_sees(hiding: str) -> None:
    imports = "import code, contextlib, ctypes, io, logging, os, sys, unittest\n"
    shown = imports + CLEAR + hiding.replace("stderr", "stdin").replace("2)", "9)")
    (found,) = api.check_bytes((imports + CLEAR + hiding).encode(), "a.py")
    assert found.fix is not None
    assert found.fix.applicability is Applicability.UNSAFE
    if "std" in hiding or "2)" in hiding:
        (found,) = api.check_bytes(shown.encode(), "a.py")
        assert found.fix is not None
        assert found.fix.applicability is Applicability.SAFE


@pytest.mark.parametrize(("telling", "other"), TELLING)
def test_a_look_at_the_process_or_the_code(telling: str, other: str) -> None:
    for text, applicability in ((telling, Applicability.UNSAFE), (other, Applicability.SAFE)):
        (found,) = api.check_bytes(f"import ctypes\n{CLEAR}{text}".encode(), "a.py")
        assert found.fix is not None
        assert found.fix.applicability is applicability


@pytest.mark.parametrize("load", ["PyDLL({})", "pydll[{}]", "cdll[{}]", "pydll.LoadLibrary({})"])
def test_a_walrus_is_fixed_as_the_statement_is(load: str) -> None:
    call = load.format('"libpython3.11.so"')
    for text in (
        f"print((api := ctypes.{call}).Py_GetVersion())",
        f"api = ctypes.{call}\nprint(api.Py_GetVersion())",
    ):
        fixed = api.fix_bytes(f"import ctypes\n{text}\n".encode(), "a.py", unsafe=False).data
        assert (
            fixed
            == f"import ctypes\n{text}\n".replace(f"ctypes.{call}", "ctypes.pythonapi").encode()
        )


def test_an_address_is_compared_with_that_of_another_library() -> None:
    cast = "ctypes.cast({}.PyErr_Clear, ctypes.c_void_p).value"
    text = f"{LOAD}print({cast.format('lib')} == {cast.format('ctypes.CDLL(None)')})\n".encode()
    assert api.fix_bytes(text, "a.py", unsafe=False).data == text
