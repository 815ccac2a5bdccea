cimport cython
from opentelemetry.exporter.postgres cimport wire

@cython.final
cdef class LogFields:
    cdef bytes trace_id, span_id
    cdef str severity_text, event_name
    cdef unsigned long long time_ns, observed_ns, severity, dropped_attributes
    cdef long long flags
    cdef Py_ssize_t body_at, body_end

    cdef _clear(self)

    @cython.locals(
        tag=cython.ulonglong, form=cython.int, size=cython.ulonglong, number=cython.ulonglong, fixed=cython.ulonglong,
        at=Py_ssize_t, raw=cython.p_const_uchar)
    cdef int read(self, bytes buf, Py_ssize_t pos, Py_ssize_t end) except -1

    @cython.locals(raw=cython.p_const_uchar)
    cdef int _delimited(self, bytes buf, unsigned long long tag, Py_ssize_t at, Py_ssize_t end) except -1
