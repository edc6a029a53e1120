"""What a customer has told so far in a task, and which question comes next: the dialogue's rules without Rasa."""
