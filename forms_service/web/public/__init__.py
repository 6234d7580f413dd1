"""The citizens' half: forms, links in mails, the site. No cookie, no session."""
