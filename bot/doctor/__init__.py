"""`python -m bot doctor`: looks at everything the bot needs and says in plain sentences what has to be done."""
