leaf.ctid >= '({first},0)'::tid
