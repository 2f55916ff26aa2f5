"""Times that only an exam can find: the NPMLE, tests, regression, illness-death."""
