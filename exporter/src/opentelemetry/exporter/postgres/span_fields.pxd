cimport cython
from opentelemetry.exporter.postgres cimport wire

@cython.final
cdef class SpanFields:
    cdef bytes trace_id, span_id, parent_id, name
    cdef str trace_state, status_message
    cdef unsigned long long kind, status_code, start_ns, end_ns, dropped_attributes, dropped_events, dropped_links
    cdef long long flags
    cdef bint record
    cdef list events, links

    cdef _clear(self)

    @cython.locals(
        tag=cython.ulonglong, form=cython.int, size=cython.ulonglong, number=cython.ulonglong, fixed=cython.ulonglong,
        at=Py_ssize_t, raw=cython.p_const_uchar)
    cdef int read(self, bytes buf, Py_ssize_t pos, Py_ssize_t end) except -1

    @cython.locals(raw=cython.p_const_uchar)
    cdef int _delimited(self, bytes buf, unsigned long long tag, Py_ssize_t at, Py_ssize_t end) except -1
    cdef void _number(self, unsigned long long tag, unsigned long long number)

    @cython.locals(tag=cython.ulonglong, at=Py_ssize_t)
    cdef int _status(self, bytes buf, Py_ssize_t pos, Py_ssize_t end) except -1
