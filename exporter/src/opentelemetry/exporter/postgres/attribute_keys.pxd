cimport cython

cdef class Key:
    cdef str path
    cdef readonly tuple rules
    cdef readonly dict inner
    cdef readonly object treatment
    cdef readonly bint whole, at_once

@cython.final
cdef class Keys:
    cdef object _rules
    cdef dict _outermost, _treatments
    cdef long _known

    cpdef Key outermost(self, service)
    cpdef Key find(self, Key outer, bytes raw)
    cdef Key _make(self, Key outer, bytes raw)

    @cython.locals(outermost=Key)
    cdef _keep_bounded(self)
