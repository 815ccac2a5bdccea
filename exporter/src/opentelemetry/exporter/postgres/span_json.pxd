cimport cython
from opentelemetry.exporter.postgres cimport wire

cdef class Events:
    cdef object _times
    cpdef tuple json(self, bytes buf, list ranges, unsigned long long start_ns)

    @cython.locals(tag=cython.ulonglong, at=Py_ssize_t, time_ns=cython.ulonglong, dropped=cython.ulonglong)
    cdef tuple _event(self, bytes buf, Py_ssize_t pos, Py_ssize_t end, unsigned long long start_ns)

cpdef bytes links_json(bytes buf, list ranges)

@cython.locals(tag=cython.ulonglong, at=Py_ssize_t, flags=cython.ulonglong, dropped=cython.ulonglong)
cdef bytes _link(bytes buf, Py_ssize_t pos, Py_ssize_t end)
