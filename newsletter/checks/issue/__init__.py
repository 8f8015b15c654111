"""Rules on what was written and set, before any edition is made. Each has `check(context: IssueContext)`."""
