"""The only wiring: settings, processes, scheduler, access, command line."""
