"""The pages of one instance: metrics, health, reports and the console."""
