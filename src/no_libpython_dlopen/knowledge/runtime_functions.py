"""Functions of libpython that tell what a rewrite to ``ctypes.pythonapi`` would change.

Each table holds the beginnings of names.
"""

from __future__ import annotations

#: They start an interpreter, or prepare its start. ``PyConfig_Get``, ``PyConfig_Set`` and
#: ``PyConfig_Names`` are asked of a running one (PEP 741).
STARTS = (
    *("Py_Initialize", "_Py_Initialize", "Py_PreInitialize", "Py_Main", "Py_BytesMain"),
    *("Py_RunMain", "Py_FrozenMain", "Py_SetPythonHome", "Py_SetProgramName", "Py_SetPath"),
    *("PyConfig_Init", "PyConfig_Read", "PyConfig_Clear", "PyConfig_SetBytes", "PyConfig_SetArgv"),
    *("PyConfig_SetString", "PyConfig_SetWide", "PyPreConfig_", "PyInitConfig_"),
)
#: Called before these, by the part of a host that brings modules along.
REGISTERS = ("PyImport_AppendInittab", "PyImport_ExtendInittab")
#: They start a further interpreter.
NEW_INTERPRETERS = ("Py_NewInterpreter",)
#: They start, end or drive an interpreter, or speak of embedding one: perhaps a second is meant.
LIFECYCLE = (
    *STARTS,
    *REGISTERS,
    *NEW_INTERPRETERS,
    *("Py_Finalize", "Py_Exit", "Py_EndInterpreter", "PyConfig_"),
    *("Py_SetStandardStreamEncoding", "PySys_SetArgv"),
    *("PyInterpreterState_New", "PyInterpreterState_Delete"),
    *("PyInterpreterState_Clear", "PyThreadState_New", "PyEval_AcquireLock", "PyEval_ReleaseLock"),
    *("PyEval_SaveThread", "PyEval_RestoreThread", "PyEval_AcquireThread", "PyEval_ReleaseThread"),
)
#: They wait, and with ``pythonapi`` would do so while holding the GIL.
BLOCKING = (
    *("PyThread_acquire_lock", "PyThread_start_new_thread", "PyMutex_Lock", "PyRun_Interactive"),
    *("PyRun_AnyFile", "PyOS_Readline", "PyOS_StdioReadline", "_PyMutex_Lock", "_PySemaphore_Wait"),
    *("PyEvent_Wait", "_PyEvent_Wait", "_PyParkingLot_Park", "_PyRWMutex_", "_PyRecursiveMutex_"),
    *("PyThread_join", "PyThread_start_joinable", "_PyOnceFlag_", "_PySeqLock_", "PyRun_File"),
    *(
        "Py_UniversalNewlineFgets",
        "_Py_UniversalNewlineFgets",
        "PyMarshal_Read",
        "PyRun_SimpleFile",
    ),
    *("_Py_wfopen", "_Py_open_noraise", "_Py_write_noraise"),
)
#: After them there is no thread state, which ``pythonapi`` needs when a call returns.
STATE_SWITCHES = (
    "PyThreadState_Swap",
    "PyThreadState_Delete",
    "PyThreadState_Clear",
    "PyThread_exit",
)
#: What they answer depends on which copy of the runtime is asked, and on the GIL.
SELF_QUESTIONS = (
    *("Py_IsInitialized", "Py_IsFinalizing", "_Py_IsFinalizing", "_Py_IsCoreInitialized"),
    *("_Py_IsInterpreterFinalizing", "PyGILState_Check", "PyGILState_GetThisThreadState"),
    *("PyThreadState_GetUnchecked", "_PyThreadState_UncheckedGet", "PyEval_ThreadsInitialized"),
    *("PyInterpreterState_Head", "PyInterpreterState_Main", "_PyGILState_Get"),
    *("Py_GetPath", "Py_GetPrefix", "Py_GetExecPrefix", "Py_GetPythonHome"),
    *("Py_GetProgramName", "Py_GetProgramFullPath", "Py_GetArgcArgv"),
)
#: Those of them that give their answer through their arguments.
ANSWERS_BY_ARGUMENT = ("Py_GetArgcArgv",)
#: They tell the version and the build of the copy that is asked.
VERSION_QUESTIONS = ("Py_GetVersion", "Py_GetBuildInfo", "Py_GetCompiler")
