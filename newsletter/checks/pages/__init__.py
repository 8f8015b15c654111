"""Rules for the printed pages: what a reader of the paper would stumble over. One module a rule."""
