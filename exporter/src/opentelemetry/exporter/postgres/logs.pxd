cimport cython
from opentelemetry.exporter.postgres cimport rows, wire

cdef class LogDecoder:
    cdef rows.RowIds _ids
    cdef object _attributes, _origins

    @cython.locals(
        tag=cython.ulonglong, form=cython.int, size=cython.ulonglong, number=cython.ulonglong, fixed=cython.ulonglong,
        time_ns=cython.ulonglong, observed_ns=cython.ulonglong, severity=cython.ulonglong,
        dropped=cython.ulonglong, own_ns=cython.ulonglong, at_ns=cython.ulonglong, at_us=cython.longlong,
        flags=cython.longlong, at=Py_ssize_t, body_at=Py_ssize_t, body_end=Py_ssize_t, raw=cython.p_const_uchar, start=Py_ssize_t)
    cdef _record(
        self, object batch, object resource, object scope, bytes suffix, object received_ns, bytes buf,
        Py_ssize_t pos, Py_ssize_t end)
