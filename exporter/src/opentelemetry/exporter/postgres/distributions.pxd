from opentelemetry.exporter.postgres cimport batch, native, point_fields

cdef class Distributions:
    cdef dict _bounds
    cdef tuple _found
    cdef bytes _columns
    cpdef object refusal(self, bytes buf, point_fields.PointFields point, int kind)
    cpdef add(self, native.Row row, batch.Batch batch, point_fields.PointFields point, int kind)
    cdef object _histogram(self, point_fields.PointFields point)
    cdef object _exponential(self, bytes buf, point_fields.PointFields point)
    cdef object _summary(self, bytes buf, point_fields.PointFields point)
    cdef object _known(self, bytes raw)

cdef _tell_odd(point_fields.PointFields point)
