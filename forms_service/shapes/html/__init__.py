"""A form as HTML: what a person fills in on the web and at the desk."""
