"""Reports: what readers send, and the spots that it lands on."""
