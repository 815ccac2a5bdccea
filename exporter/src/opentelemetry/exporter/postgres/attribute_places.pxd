cdef class Place:
    cdef readonly int kind
    cdef readonly bytes key
    cdef readonly list fields
