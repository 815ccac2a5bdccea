"""What the evaluation of many rules costs beside their queries, and how punctual it is."""
