"""What the law and the operator say, as dated data: packs, thresholds, reference tables."""
