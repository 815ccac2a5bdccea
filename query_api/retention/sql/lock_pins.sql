LOCK TABLE enterprise.pinned_traces IN SHARE ROW EXCLUSIVE MODE
