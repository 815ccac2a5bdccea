from opentelemetry.exporter.postgres cimport batch, point_fields

cdef class Distributions:
    cdef dict _bounds
    cpdef tuple columns(self, batch.Batch batch, bytes buf, point_fields.PointFields point, int kind)
    cdef tuple _histogram(self, batch.Batch batch, point_fields.PointFields point)
    cdef tuple _known(self, bytes raw)

cdef tuple _exponential(bytes buf, point_fields.PointFields point)
cdef tuple _summary(bytes buf, point_fields.PointFields point)
cdef bytes _totals(point_fields.PointFields point)
