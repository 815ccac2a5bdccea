"""Whom to tell of an alert, and when: routes, groups, cooldown, reminders, silences, inhibition, escalation."""
