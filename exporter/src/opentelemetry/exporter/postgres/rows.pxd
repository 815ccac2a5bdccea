cimport cython

cdef unsigned long long _RANDOM, _VARIANT

cdef class RowIds:
    cdef unsigned long long _number
    cpdef unsigned long long high(self, unsigned long long ns)
    cpdef unsigned long long low(self)
    cpdef bytes make(self, unsigned long long ns)

cpdef bytes field(bytes value)
cpdef bytes text(str value)
cpdef bytes jsonb(bytes json)
