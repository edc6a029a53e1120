"""The agents' desk: pages drawn on the server, live through server-sent events."""
