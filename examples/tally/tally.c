#include <Python.h>

static long count;

static PyObject *
add(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return PyLong_FromLong(++count);
}

static PyMethodDef methods[] = {{"add", add, METH_NOARGS, "Count one more."}, {NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "tally", NULL, -1, methods};

PyMODINIT_FUNC
PyInit_tally(void)
{
    return PyModule_Create(&module);
}
