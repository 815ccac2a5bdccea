cimport cython
from opentelemetry.exporter.postgres cimport batch
from opentelemetry.exporter.postgres.parts cimport OperationDelta

cdef extern from "math.h":
    cpdef double ceil(double x)
    cpdef double log(double x)

cdef unsigned long long _MINUTE
cdef double _LOG_GROWTH

cdef class Operations:
    cdef dict _known

    @cython.locals(key=tuple, place=tuple, delta=OperationDelta)
    cpdef count(
        self, batch.Batch batch, object service, object name, object kind, unsigned long long start_ns,
        unsigned long long duration_ns, bint failed)

cpdef long bucket(double duration_us)
