# cython: language_level=3, boundscheck=False, wraparound=False
"""attributes.PlainAttributes and copy_row.PlainRow in C. They are the reference; a test holds both side by side."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.mem cimport PyMem_Free, PyMem_Realloc
from cpython.unicode cimport PyUnicode_AsUTF8AndSize, PyUnicode_DecodeASCII
from libc.string cimport memcmp, memcpy

from opentelemetry.exporter.postgres.sources import fact
from opentelemetry.exporter.postgres.wire import DecodeError
from opentelemetry.exporter.postgres.wire cimport any_value, known_key

cimport cython

ctypedef const unsigned char* Bytes

cdef enum:
    SLOT_BITS = 10
    SLOTS = 1024
    MAX_KEPT_KEY = 256
    INT8 = 20

cdef const unsigned char* _DIGITS = b"0123456789abcdef"


cdef class Buffer:
    """Bytes that grow at their end. One for each thread."""

    def __dealloc__(self):
        PyMem_Free(self._out)

    cdef unsigned char* _room(self, Py_ssize_t size) except NULL:
        """Makes the buffer longer by `size` bytes, and points to them."""
        cdef void* grown
        cdef unsigned char* end
        if self._size + size > self._capacity:
            grown = PyMem_Realloc(self._out, 2 * (self._size + size) + 1024)
            if grown == NULL:
                raise MemoryError
            self._out = <unsigned char*>grown
            self._capacity = 2 * (self._size + size) + 1024
        end = self._out + self._size
        self._size += size
        return end

    cdef int _put(self, Bytes content, Py_ssize_t size) except -1:
        memcpy(self._room(size), content, size)
        return 0

    cdef int _put_byte(self, unsigned char byte) except -1:
        self._room(1)[0] = byte
        return 0

    cdef int _put_bytes(self, bytes content) except -1:
        return self._put(<Bytes>PyBytes_AS_STRING(content), PyBytes_GET_SIZE(content))


@cython.final
cdef class Attributes(Buffer):
    """One for each thread."""

    def __cinit__(self):
        self._raw_keys = [b""] * SLOTS
        self._known_keys = [None] * SLOTS

    cpdef tuple read(self, bytes buf, Py_ssize_t pos, Py_ssize_t end, unsigned int field):
        cdef Bytes p = buf
        cdef Py_ssize_t start
        cdef unsigned long long tag
        cdef dict facts = None
        if end > len(buf):
            raise DecodeError("a message is longer than its body")
        self._size = 0
        self._put_byte(b"{")
        while pos < end:
            pos = _tag(p, pos, end, &tag)
            if tag & 7 == 2:
                pos = _length(p, pos, end, &start)
                if tag == field:
                    if self._size > 1:
                        self._put_byte(b",")
                    facts = self._attribute(buf, p, start, pos, facts)
            elif tag & 7 == 0:
                pos = _varint(p, pos, end, &tag)
            elif tag & 7 == 1:
                pos += 8
            elif tag & 7 == 5:
                pos += 4
            else:
                raise DecodeError(f"wire type {tag & 7}")
            if pos > end:
                raise DecodeError("the message ends within a field")
        self._put_byte(b"}")
        return PyBytes_FromStringAndSize(<char*>self._out, self._size), facts

    cdef dict _attribute(self, bytes buf, Bytes p, Py_ssize_t pos, Py_ssize_t end, dict facts):
        cdef Py_ssize_t key_start = 0, key_end = 0, value_start = -1, value_end = 0, start
        cdef unsigned long long tag
        cdef tuple known
        cdef object value
        while pos < end:
            pos = _tag(p, pos, end, &tag)
            if tag == 0x0A:
                pos = _length(p, pos, end, &key_start)
                key_end = pos
            elif tag == 0x12:
                pos = _length(p, pos, end, &value_start)
                value_end = pos
            elif tag & 7 == 2:
                pos = _length(p, pos, end, &start)
            elif tag & 7 == 0:
                pos = _varint(p, pos, end, &tag)
            elif tag & 7 == 1:
                pos += 8
            elif tag & 7 == 5:
                pos += 4
            else:
                raise DecodeError(f"wire type {tag & 7}")
            if pos > end:
                raise DecodeError("the message ends within a field")
        known = self._key(p + key_start, key_end - key_start)
        self._put_bytes(<bytes>known[1])
        if value_start < 0:
            self._put(b"null", 4)
            return facts
        if self._simple(p, value_start, value_end, known[2]):
            value = self._value
        else:
            json, value = any_value(buf, value_start, value_end)
            self._put_bytes(<bytes>json)
        if known[2]:
            value = fact(known[0], value)
            if value is not None:
                if facts is None:
                    facts = {}
                facts[known[0]] = value
        return facts

    cdef tuple _key(self, Bytes raw, Py_ssize_t size):
        """known_key(), kept by a slot that its ends and its length choose."""
        cdef unsigned long long first = 0, last = 0
        cdef Py_ssize_t slot, ends = min(size, 8)
        cdef bytes key
        cdef object known
        memcpy(&first, raw, ends)
        memcpy(&last, raw + size - ends, ends)
        slot = <Py_ssize_t>(((first * 31) ^ last ^ <unsigned long long>size) * 0x9E3779B97F4A7C15ULL >> (64 - SLOT_BITS))
        known = self._known_keys[slot]
        if known is not None:
            key = <bytes>self._raw_keys[slot]
            if PyBytes_GET_SIZE(key) == size and memcmp(PyBytes_AS_STRING(key), raw, size) == 0:
                return <tuple>known
        key = PyBytes_FromStringAndSize(<char*>raw, size)
        known = known_key(key)
        if size <= MAX_KEPT_KEY:
            self._raw_keys[slot] = key
            self._known_keys[slot] = known
        return <tuple>known

    cdef bint _simple(self, Bytes p, Py_ssize_t pos, Py_ssize_t end, bint wanted) except -1:
        """Writes an ASCII string without escapes, an integer or a boolean; as a Python object too where it is wanted.

        False, and nothing written, for any other value.
        """
        cdef Py_ssize_t start, after, i
        cdef unsigned char c
        cdef unsigned long long tag, number
        if pos == end:
            return False
        pos = _varint(p, pos, end, &tag)
        if tag == 0x0A:
            after = _length(p, pos, end, &start)
            if after != end:
                return False
            for i in range(start, end):
                c = p[i]
                if c < 0x20 or c >= 0x7F or c == 0x22 or c == 0x5C:
                    return False
            self._put_byte(b'"')
            self._put(p + start, end - start)
            self._put_byte(b'"')
            if wanted:
                self._value = PyUnicode_DecodeASCII(<char*>p + start, end - start, NULL)
            return True
        if tag == 0x18:
            after = _varint(p, pos, end, &number)
            if after != end:
                return False
            self._put_integer(number)
            if wanted:
                self._value = <long long>number
            return True
        if tag == 0x10:
            after = _varint(p, pos, end, &number)
            if after != end:
                return False
            if number:
                self._put(b"true", 4)
            else:
                self._put(b"false", 5)
            if wanted:
                self._value = number != 0
            return True
        return False

    cdef int _put_integer(self, unsigned long long number) except -1:
        cdef unsigned char digits[20]
        cdef int at = 20
        if number >= 0x8000000000000000:
            self._put_byte(b"-")
            number = 0 - number
        while True:
            at -= 1
            digits[at] = 48 + number % 10
            number //= 10
            if number == 0:
                break
        return self._put(digits + at, 20 - at)


@cython.final
cdef class Row(Buffer):
    """One for each thread."""

    cpdef int begin(self, int columns) except -1:
        self._size = 0
        _store(self._room(2), columns, 2)
        return 0

    cpdef bytes take(self):
        return PyBytes_FromStringAndSize(<char*>self._out, self._size)

    cpdef int encoded(self, bytes columns) except -1:
        return self._put_bytes(columns)

    cpdef int null(self) except -1:
        _store(self._room(4), 0xFFFFFFFF, 4)
        return 0

    cpdef int smallint(self, int value) except -1:
        cdef unsigned char* out = self._room(6)
        _store(out, 2, 4)
        _store(out + 4, value, 2)
        return 0

    cpdef int integer(self, long long value) except -1:
        cdef unsigned char* out = self._room(8)
        _store(out, 4, 4)
        _store(out + 4, value, 4)
        return 0

    cpdef int bigint(self, long long value) except -1:
        cdef unsigned char* out = self._room(12)
        _store(out, 8, 4)
        _store(out + 4, value, 8)
        return 0

    cpdef int double(self, double value) except -1:
        cdef unsigned long long bits
        cdef unsigned char* out = self._room(12)
        memcpy(&bits, &value, 8)
        _store(out, 8, 4)
        _store(out + 4, bits, 8)
        return 0

    cpdef int uuid(self, unsigned long long high, unsigned long long low) except -1:
        cdef unsigned char* out = self._room(20)
        _store(out, 16, 4)
        _store(out + 4, high, 8)
        _store(out + 12, low, 8)
        return 0

    cpdef int text(self, str value) except -1:
        cdef Py_ssize_t size
        cdef const char* utf8
        if value is None:
            return self.null()
        utf8 = PyUnicode_AsUTF8AndSize(value, &size)
        _store(self._room(4), size, 4)
        return self._put(<Bytes>utf8, size)

    cpdef int hex(self, bytes value) except -1:
        cdef Bytes raw = <Bytes>PyBytes_AS_STRING(value)
        cdef Py_ssize_t i, size = PyBytes_GET_SIZE(value)
        cdef unsigned char* out = self._room(4 + 2 * size)
        _store(out, 2 * size, 4)
        out += 4
        for i in range(size):
            out[2 * i] = _DIGITS[raw[i] >> 4]
            out[2 * i + 1] = _DIGITS[raw[i] & 15]
        return 0

    cpdef int json(self, bytes value) except -1:
        cdef unsigned char* out = self._room(5)
        _store(out, PyBytes_GET_SIZE(value) + 1, 4)
        out[4] = 1
        return self._put_bytes(value)


    cpdef unsigned long long counts(self, bytes packed) except? 0:
        cdef Bytes raw = <Bytes>PyBytes_AS_STRING(packed)
        cdef Py_ssize_t i, number = PyBytes_GET_SIZE(packed) // 8
        cdef unsigned long long count, total = 0
        cdef unsigned char* out
        if number == 0:
            out = self._room(16)
            _store(out, 12, 4)
            _store(out + 4, 0, 8)
            _store(out + 12, INT8, 4)
            return 0
        out = self._room(24 + 12 * number)
        _store(out, 20 + 12 * number, 4)
        _store(out + 4, 1, 4)
        _store(out + 8, 0, 4)
        _store(out + 12, INT8, 4)
        _store(out + 16, number, 4)
        _store(out + 20, 1, 4)
        out += 24
        for i in range(number):
            count = _packed(raw + 8 * i)
            total += count
            _store(out, 8, 4)
            _store(out + 4, min(count, <unsigned long long>0x7FFFFFFFFFFFFFFF), 8)
            out += 12
        return total


cdef inline unsigned long long _packed(Bytes raw) noexcept nogil:
    """Eight bytes, least significant first."""
    cdef unsigned long long value = 0
    cdef int i
    for i in range(8):
        value |= <unsigned long long>raw[i] << (8 * i)
    return value


cdef inline void _store(unsigned char* out, unsigned long long value, int size) noexcept nogil:
    """The low `size` bytes of `value`, most significant first."""
    cdef int i
    for i in range(size):
        out[i] = <unsigned char>(value >> (8 * (size - 1 - i)))


cdef inline Py_ssize_t _varint(Bytes p, Py_ssize_t pos, Py_ssize_t end, unsigned long long* value) except -1:
    cdef unsigned long long result = 0
    cdef int shift = 0
    while pos < end:
        result |= <unsigned long long>(p[pos] & 0x7F) << shift
        pos += 1
        if p[pos - 1] < 0x80:
            value[0] = result
            return pos
        shift += 7
        if shift > 63:
            raise DecodeError("a varint is longer than ten bytes")
    raise DecodeError("the message ends within a varint")


cdef inline Py_ssize_t _tag(Bytes p, Py_ssize_t pos, Py_ssize_t end, unsigned long long* tag) except -1:
    pos = _varint(p, pos, end, tag)
    if tag[0] >> 3 == 0:
        raise DecodeError("field number 0")
    return pos


cdef inline Py_ssize_t _length(Bytes p, Py_ssize_t pos, Py_ssize_t end, Py_ssize_t* start) except -1:
    """Sets the start of a length-delimited field and returns its end."""
    cdef unsigned long long size
    pos = _varint(p, pos, end, &size)
    if size > <unsigned long long>(end - pos):
        raise DecodeError("a field is longer than its message")
    start[0] = pos
    return pos + <Py_ssize_t>size
