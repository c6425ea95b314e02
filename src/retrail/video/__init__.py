"""Sources, clocks, reconnect, planes, and the writer of annotated clips."""
