cimport cython
from opentelemetry.exporter.postgres cimport wire

@cython.final
cdef class MetricFields:
    cdef readonly bytes name, description, unit, head
    cdef readonly list metadata, points
    cdef readonly int kind, temporality
    cdef readonly bint monotonic

    cdef _clear(self)

    @cython.locals(tag=cython.ulonglong, at=Py_ssize_t, data=list, texts=list)
    cdef int read(self, bytes buf, Py_ssize_t pos, Py_ssize_t end) except -1

    @cython.locals(tag=cython.ulonglong, number=cython.ulonglong, at=Py_ssize_t)
    cdef int _data(self, bytes buf, Py_ssize_t pos, Py_ssize_t end) except -1
