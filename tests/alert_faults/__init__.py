"""Two replicas of the engine over one database, killed and stopped at random: what they decide all the same."""
