cdef class Batch:
    cdef public object signal, newest_log
    cdef public Py_ssize_t items, rejected
    cdef public bint timed
    cdef public list reasons, rows, times
    cdef public set services
    cdef public dict altered, resources, scopes, traces, operations, operation_deltas, log_deltas, series, bounds
