"""The public area: forms, links in mails, the site. No cookie, no session."""
