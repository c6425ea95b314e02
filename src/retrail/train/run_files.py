"""What lies where in the folder of a training run."""

RECIPE, LESSONS, CHECKPOINTS, CURVES = "recipe.yaml", "lessons", "checkpoints", "curves"
