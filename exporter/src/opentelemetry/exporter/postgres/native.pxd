cdef class Buffer:
    cdef unsigned char* _out
    cdef Py_ssize_t _size, _capacity
    cdef unsigned char* _room(self, Py_ssize_t size) except NULL
    cdef int _put(self, const unsigned char* content, Py_ssize_t size) except -1
    cdef int _put_byte(self, unsigned char byte) except -1
    cdef int _put_bytes(self, bytes content) except -1

cdef class Attributes(Buffer):
    cdef object _value
    cdef list _raw_keys, _known_keys
    cdef tuple _key(self, const unsigned char* raw, Py_ssize_t size)
    cpdef tuple read(self, bytes buf, Py_ssize_t pos, Py_ssize_t end, unsigned int field)
    cdef dict _attribute(self, bytes buf, const unsigned char* p, Py_ssize_t pos, Py_ssize_t end, dict facts)
    cdef bint _simple(self, const unsigned char* p, Py_ssize_t pos, Py_ssize_t end, bint wanted) except -1
    cdef int _put_integer(self, unsigned long long number) except -1

cdef class Row(Buffer):
    cpdef int begin(self, int columns) except -1
    cpdef bytes take(self)
    cpdef int encoded(self, bytes columns) except -1
    cpdef int null(self) except -1
    cpdef int smallint(self, int value) except -1
    cpdef int integer(self, long long value) except -1
    cpdef int bigint(self, long long value) except -1
    cpdef int double(self, double value) except -1
    cpdef int uuid(self, unsigned long long high, unsigned long long low) except -1
    cpdef int text(self, str value) except -1
    cpdef int hex(self, bytes value) except -1
    cpdef int json(self, bytes value) except -1
    cpdef unsigned long long counts(self, bytes packed) except? 0
