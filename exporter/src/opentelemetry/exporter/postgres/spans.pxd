cimport cython
from opentelemetry.exporter.postgres cimport rollup, rows, wire
from opentelemetry.exporter.postgres.parts cimport EntrySpan, TracePart

cdef class SpanDecoder:
    cdef rows.RowIds _ids
    cdef rollup.Operations _operations
    cdef object _attributes, _origins, _times
    cdef dict _names

    @cython.locals(
        tag=cython.ulonglong, form=cython.int, size=cython.ulonglong, number=cython.ulonglong, fixed=cython.ulonglong,
        kind=cython.ulonglong, status_code=cython.ulonglong,
        start_ns=cython.ulonglong, end_ns=cython.ulonglong, duration_ns=cython.ulonglong,
        dropped_attributes=cython.ulonglong, dropped_events=cython.ulonglong, dropped_links=cython.ulonglong,
        flags=cython.longlong, at=Py_ssize_t, start_us=cython.longlong, end_us=cython.longlong,
        root=cython.bint, failed=cython.bint, raw=cython.p_const_uchar, start=Py_ssize_t, part=TracePart)
    cdef bint _span(self, object batch, object resource, bytes suffix, bytes buf, Py_ssize_t pos, Py_ssize_t end) except? -1
