"""The training room: nets, loops, recipes, export. The only room that imports torch (``retrail[train]``)."""
