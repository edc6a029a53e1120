"""Reads the environment, the .env file and the file of secrets."""
