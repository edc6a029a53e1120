"""The bot's own understanding components, named in config.yml."""
