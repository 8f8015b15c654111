"""Rules on the finished mail. Each has `check(context: MailContext)`."""
