SELECT spans AS rows, traces FROM enterprise.delete_spans('enterprise.{child}', ARRAY({matches}))
