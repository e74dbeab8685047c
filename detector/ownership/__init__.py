"""Who stands behind a subject, on paper: the chart, folded, laid out, drawn and told."""
