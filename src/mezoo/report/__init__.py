"""Results as tables, figures and one page that opens offline, and `spot` for a video of one's own."""
