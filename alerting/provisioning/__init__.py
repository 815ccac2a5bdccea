"""Rules and policies that are kept in a YAML file: read, applied, and written from what there is."""
