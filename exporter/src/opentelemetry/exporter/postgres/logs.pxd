cimport cython
from opentelemetry.exporter.postgres cimport batch, log_fields, native, rows, wire

cdef long long _PG_EPOCH
cdef int _WIDTH
cdef bytes _NO_PERSON, _NO_EXCEPTION, _NO_TRACE_ID, _NO_SPAN_ID
cdef dict _COPY_LEVELS

cdef class LogDecoder:
    cdef rows.RowIds _ids
    cdef native.Attributes _attributes
    cdef native.Row _row
    cdef log_fields.LogFields _fields
    cdef object _origins, _pause

    @cython.locals(
        record=log_fields.LogFields, row=native.Row, own_ns=cython.ulonglong, at_ns=cython.ulonglong,
        at_us=cython.longlong, id_high=cython.ulonglong, id_low=cython.ulonglong, trace_id=bytes, span_id=bytes)
    cdef _record(
        self, batch.Batch batch, object resource, object scope, bytes suffix, object received_ns, bytes buf,
        Py_ssize_t pos, Py_ssize_t end)
