"""What happened: events to operations. Pure; reads polars and nothing else of ours."""
