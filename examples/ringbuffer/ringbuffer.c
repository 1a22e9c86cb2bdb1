#include <Python.h>

#define SIZE 64

static PyObject *slots[SIZE];
static size_t next;

static PyObject *
push(PyObject *self, PyObject *value)
{
    PyObject *old = slots[next];
    slots[next] = Py_NewRef(value);
    next = (next + 1) % SIZE;
    return old ? old : Py_NewRef(Py_None);
}

static PyMethodDef methods[] = {{"push", push, METH_O, "Push a value, get the oldest."}, {NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "ringbuffer", NULL, -1, methods};

PyMODINIT_FUNC
PyInit_ringbuffer(void)
{
    return PyModule_Create(&module);
}
