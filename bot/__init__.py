"""The dealer service bot: a car dealer's after-sales front office by chat."""
