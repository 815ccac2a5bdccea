"""Notices on their way to people: claimed from the outbox, rendered for a channel, sent, and the outcome recorded."""

from alerting.delivery.channels import Environment
from alerting.delivery.senders import Senders, start

__all__ = ["Environment", "Senders", "start"]
