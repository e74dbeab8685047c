"""What it means: owners, classifier, rules, decisions and reports. Pure; reads features."""
