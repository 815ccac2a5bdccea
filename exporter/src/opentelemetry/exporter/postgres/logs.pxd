cimport cython
from opentelemetry.exporter.postgres cimport batch, native, rows, wire

cdef long long _PG_EPOCH
cdef int _WIDTH
cdef bytes _NO_PERSON, _NO_EXCEPTION
cdef dict _COPY_LEVELS

cdef class LogDecoder:
    cdef rows.RowIds _ids
    cdef native.Attributes _attributes
    cdef native.Row _row
    cdef object _origins, _pause

    @cython.locals(
        tag=cython.ulonglong, form=cython.int, size=cython.ulonglong, number=cython.ulonglong, fixed=cython.ulonglong,
        time_ns=cython.ulonglong, observed_ns=cython.ulonglong, severity=cython.ulonglong,
        dropped=cython.ulonglong, own_ns=cython.ulonglong, at_ns=cython.ulonglong, at_us=cython.longlong,
        flags=cython.longlong, at=Py_ssize_t, body_at=Py_ssize_t, body_end=Py_ssize_t,
        raw=cython.p_const_uchar, start=Py_ssize_t, row=native.Row, id_high=cython.ulonglong, id_low=cython.ulonglong)
    cdef _record(
        self, batch.Batch batch, object resource, object scope, bytes suffix, object received_ns, bytes buf,
        Py_ssize_t pos, Py_ssize_t end)
