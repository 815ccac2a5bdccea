cimport cython
from opentelemetry.exporter.postgres cimport batch, distributions, metric_fields, native, point_fields, rows, wire

cdef long long _PG_EPOCH
cdef int _WIDTH
cdef bytes _NO_NUMBER, _NO_DISTRIBUTION

cdef class MetricDecoder:
    cdef metric_fields.MetricFields _metric
    cdef point_fields.PointFields _point
    cdef native.Row _row
    cdef distributions.Distributions _distributions
    cdef object _origins, _pause, _families, _exemplars

    @cython.locals(
        metric=metric_fields.MetricFields, point=point_fields.PointFields, row=native.Row, number=cython.bint,
        recorded=cython.bint, time_us=cython.longlong, start_ns=cython.ulonglong, known=dict)
    cdef _add(self, batch.Batch batch, object family, bytes buf, Py_ssize_t pos, Py_ssize_t end)

    @cython.locals(metric=metric_fields.MetricFields)
    cdef object _family(self, object resource, object scope, bytes buf)

    @cython.locals(metric=metric_fields.MetricFields)
    cpdef object decode(self, bytes body, object first=*, object last=*)
