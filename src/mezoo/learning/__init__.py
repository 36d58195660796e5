"""Training and prediction per held-out subject: recipes, folds, checkpoints, selections, scores."""
