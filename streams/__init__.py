"""How it gets in and out: Kafka, files, store, HTTP, clock, command line. The only shell."""
