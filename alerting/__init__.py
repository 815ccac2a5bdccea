"""The alert engine: rules are measured, decided on, recorded, and people told. Data goes that way and no other."""
