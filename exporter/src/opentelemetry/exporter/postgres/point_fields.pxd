cimport cython
from opentelemetry.exporter.postgres cimport wire

@cython.final
cdef class PointFields:
    cdef unsigned long long time_ns, start_ns, count, zero_count
    cdef long long bits, flags
    cdef int form, scale
    cdef bytes attributes, bounds, bucket_counts
    cdef object sum, min, max, zero_threshold
    cdef list exemplars, positive, negative, quantiles

    cdef _clear(self)
    cdef _clear_distribution(self)

    @cython.locals(
        tag=cython.ulonglong, form=cython.int, fixed=cython.ulonglong, value=cython.ulonglong, number=cython.bint,
        attributes=cython.ulonglong, exemplars=cython.ulonglong, flags=cython.ulonglong, at=Py_ssize_t,
        before=Py_ssize_t, first=Py_ssize_t, last=Py_ssize_t, raw=cython.p_const_uchar)
    cdef int read(self, bytes buf, Py_ssize_t pos, Py_ssize_t end, int kind) except -1

    cdef int _fixed(
        self, bytes buf, unsigned long long tag, unsigned long long fixed, Py_ssize_t pos, int kind) except -1
    cdef int _delimited(self, bytes buf, unsigned long long tag, Py_ssize_t at, Py_ssize_t end, int kind) except -1

@cython.locals(number=cython.longlong)
cpdef int zigzag(unsigned long long varint) except? -1

cpdef tuple fixed_values(bytes raw, str form)

@cython.locals(tag=cython.ulonglong, value=cython.ulonglong, at=Py_ssize_t, pos=Py_ssize_t, end=Py_ssize_t)
cpdef tuple exponential_buckets(bytes buf, list ranges)

@cython.locals(tag=cython.ulonglong, pos=Py_ssize_t, end=Py_ssize_t)
cpdef tuple quantile_values(bytes buf, list ranges)
