"""What the protocol and its senders demand of a receiver, point by point; the numbers are those of our checklist."""
