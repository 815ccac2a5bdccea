cimport cython
from opentelemetry.exporter.postgres cimport wire
from opentelemetry.exporter.postgres.attribute_keys cimport Key, Keys
from opentelemetry.exporter.postgres.attribute_places cimport Place

cdef int MESSAGE, RESOURCE_ITEMS, RESOURCE_ATTRIBUTE, ATTRIBUTE, VALUE, TEXT, MAX_DEPTH, ITEMS_A_PAUSE

cdef class AttributeRules:
    cdef readonly bytes hash_key
    cdef object _pause, _origins
    cdef bint _tells_services_apart
    cdef Key _nowhere
    cdef Keys _keys
    cdef dict _counts
    cdef long _messages

    cpdef tuple apply(self, object signal, bytes body)

    @cython.locals(tag=cython.ulonglong, before=Py_ssize_t, copied=Py_ssize_t, at=Py_ssize_t, field=Place, parts=list)
    cdef bytes _message(self, Place place, Key outer, bytes buf, Py_ssize_t pos, Py_ssize_t end, int depth)

    @cython.locals(kind=cython.int, first=Key)
    cdef bytes _content(self, Place place, Key outer, bytes buf, Py_ssize_t pos, Py_ssize_t end, int depth)
    cdef Key _outermost(self, bytes buf, Py_ssize_t pos, Py_ssize_t end)

    @cython.locals(
        tag=cython.ulonglong, key_at=Py_ssize_t, key_end=Py_ssize_t, value_at=Py_ssize_t, value_end=Py_ssize_t,
        values=cython.int, raw=bytes, value=bytes)
    cdef bytes _attribute(self, Key outer, bytes buf, Py_ssize_t pos, Py_ssize_t end, int depth, bint of_resource)

    @cython.locals(
        tag=cython.ulonglong, before=Py_ssize_t, copied=Py_ssize_t, at=Py_ssize_t, field=bytes, parts=list)
    cdef bytes _value(self, Key key, bytes buf, Py_ssize_t pos, Py_ssize_t end, int depth)

    cdef bytes _kind(
        self, Key key, unsigned long long tag, bytes buf, Py_ssize_t before, Py_ssize_t at, Py_ssize_t end, int depth)
    cdef bytes _as_string(self, Key key, bytes text)
    cdef bytes _text(self, Key key, bytes text)

cdef bytes _textual(bytes buf, Py_ssize_t pos, Py_ssize_t end, int depth)
cdef bytes _field(int tag, bytes content)
