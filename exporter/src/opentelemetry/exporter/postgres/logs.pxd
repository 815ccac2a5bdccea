cimport cython
from opentelemetry.exporter.postgres cimport rows, wire

cdef class LogDecoder:
    cdef wire.Attributes _attributes
    cdef rows.RowIds _ids
    cdef object _origins

    @cython.locals(
        tag=cython.ulonglong, form=cython.int, size=cython.ulonglong, number=cython.ulonglong, fixed=cython.ulonglong,
        time_ns=cython.ulonglong, observed_ns=cython.ulonglong, severity=cython.ulonglong,
        dropped=cython.ulonglong, own_ns=cython.ulonglong, at_ns=cython.ulonglong, at_us=cython.longlong,
        flags=cython.longlong, at=Py_ssize_t, body_at=Py_ssize_t, body_end=Py_ssize_t, attributes=list,
        attribute=tuple)
    cdef _record(
        self, object batch, object resource, object scope, bytes suffix, object received_ns, bytes buf,
        Py_ssize_t pos, Py_ssize_t end)
