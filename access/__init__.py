"""Who may do what: keys of programs, accounts and sessions of people, and the guards of routes."""
