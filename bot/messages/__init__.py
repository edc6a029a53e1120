"""The durable path of a message: stored first, one turn at a time a person, answers stored before they are sent."""
