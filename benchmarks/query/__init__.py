"""What reading costs: questions of the pages and of people, over a month of logs and traces."""
