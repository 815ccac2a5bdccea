cimport cython
from opentelemetry.exporter.postgres cimport batch, native, rollup, rows, span_fields, wire
from opentelemetry.exporter.postgres.parts cimport EntrySpan, TracePart

cdef unsigned long long _NO_ROOT
cdef long long _PG_EPOCH
cdef int _WIDTH
cdef bytes _NO_COUNTS, _NO_EVENTS
cdef dict _STATES

cdef class SpanDecoder:
    cdef rows.RowIds _ids
    cdef rollup.Operations _operations
    cdef native.Attributes _attributes
    cdef native.Row _row
    cdef span_fields.SpanFields _fields
    cdef object _events, _origins, _pause
    cdef dict _names

    @cython.locals(
        span=span_fields.SpanFields, row=native.Row, start_us=cython.longlong, kind=cython.int,
        duration_ns=cython.ulonglong, root=cython.bint, failed=cython.bint)
    cdef bint _span(
        self, batch.Batch batch, object resource, bytes suffix, bytes buf, Py_ssize_t pos, Py_ssize_t end) except? -1

    @cython.locals(
        span=span_fields.SpanFields, part=TracePart, start_us=cython.longlong, end_us=cython.longlong,
        rank=cython.ulonglong)
    cdef _fold(
        self, batch.Batch batch, object resource, object name, bint root, object state, dict facts, object exception,
        bytes tags)
