"""Files of subscribers become rows: `files` finds out what a file is, `csv`, `json`, `xlsx` and `archive` read
tables, a module a product says what its columns mean, `columns` what those of any other file mean."""
