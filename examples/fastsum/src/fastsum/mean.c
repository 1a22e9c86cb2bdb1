#include <Python.h>

static PyObject *
run(PyObject *self, PyObject *values)
{
    PyObject *items = PySequence_Fast(values, "a sequence is needed");
    if (items == NULL) {
        return NULL;
    }
    double total = 0.0;
    Py_ssize_t count = PySequence_Fast_GET_SIZE(items);
    for (Py_ssize_t i = 0; i < count; i++) {
        total += PyFloat_AsDouble(PySequence_Fast_GET_ITEM(items, i));
    }
    Py_DECREF(items);
    return PyErr_Occurred() ? NULL : PyFloat_FromDouble(total / (count ? count : 1));
}

static PyMethodDef methods[] = {{"mean", run, METH_O, "The mean of numbers."}, {NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_mean", NULL, -1, methods};

PyMODINIT_FUNC
PyInit__mean(void)
{
    return PyModule_Create(&module);
}
