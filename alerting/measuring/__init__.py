"""What a rule looks at: measured at a time, checked when it is saved, tried on the past."""
