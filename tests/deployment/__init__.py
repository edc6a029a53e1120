"""What runs the bot elsewhere than on a developer's machine: containers, proxy, back-up, the written page."""
