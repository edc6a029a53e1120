"""The dialogue's rules without Rasa."""
