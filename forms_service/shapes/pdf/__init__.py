"""A form as PDF: blank, as a draft filled in so far, and as a receipt."""
