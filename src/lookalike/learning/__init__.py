"""From recorded traffic to a contract: on one core, on several, on a cluster; the result is the same bytes."""
