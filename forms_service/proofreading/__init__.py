"""What an editor should look at: hard words, past dates, late translations, gaps."""
