cimport cython

@cython.locals(byte=cython.ulonglong, result=cython.ulonglong, shift=cython.int)
cpdef (cython.ulonglong, Py_ssize_t) read_varint(bytes buf, Py_ssize_t pos, Py_ssize_t end) except *

@cython.locals(size=cython.ulonglong)
cpdef (Py_ssize_t, Py_ssize_t) read_length(bytes buf, Py_ssize_t pos, Py_ssize_t end) except *

cpdef cython.ulonglong read_fixed64(bytes buf, Py_ssize_t pos, Py_ssize_t end) except? 0
cpdef cython.ulonglong read_fixed32(bytes buf, Py_ssize_t pos, Py_ssize_t end) except? 0
cpdef double read_double(bytes buf, Py_ssize_t pos, Py_ssize_t end) except? -1
cpdef long long int64(unsigned long long value) except? -1
cpdef Py_ssize_t skip(bytes buf, Py_ssize_t pos, Py_ssize_t end, cython.ulonglong tag) except -1

@cython.locals(tag=cython.ulonglong, number=cython.ulonglong, start=Py_ssize_t, json=bytes)
cpdef tuple any_value(bytes buf, Py_ssize_t pos, Py_ssize_t end, int depth=*)

@cython.locals(tag=cython.ulonglong, start=Py_ssize_t, fragments=list, values=list)
cpdef tuple array_value(bytes buf, Py_ssize_t pos, Py_ssize_t end, int depth)

@cython.locals(tag=cython.ulonglong, start=Py_ssize_t, fragments=list)
cpdef bytes key_values(bytes buf, Py_ssize_t pos, Py_ssize_t end, int depth)

@cython.locals(
    tag=cython.ulonglong, start=Py_ssize_t, value_start=Py_ssize_t, value_end=Py_ssize_t, json=bytes, raw_key=bytes, known=tuple
)
cpdef tuple key_value(bytes buf, Py_ssize_t pos, Py_ssize_t end, int depth=*)

cpdef str text_of(bytes raw)

cpdef tuple known_key(bytes raw)
