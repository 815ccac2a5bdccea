cdef class EntrySpan:
    cdef public bint root
    cdef public bytes span_id, tags
    cdef public object name, kind, service, state, facts, status_message, exception

cdef class TracePart:
    cdef public bytes row_id, entry_key, method_key, session_key, user_key, department_key
    cdef public EntrySpan entry
    cdef public object method, session, user, department, latest_end
    cdef public long long start, latest_start
    cdef public unsigned long long entry_rank
    cdef public long spans, errors
    cdef public object service
    cdef public set other_services

cdef class OperationDelta:
    cdef public list buckets
    cdef public long errors
    cdef public object duration_ns
