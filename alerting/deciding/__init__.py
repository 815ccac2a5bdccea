"""From a measurement and what was known before to what is decided, for each label set. Pure: the clock is given."""
