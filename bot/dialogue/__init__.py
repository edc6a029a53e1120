"""Rasa behind one Protocol."""
