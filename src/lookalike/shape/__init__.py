"""What JSON looks like: counted (evidence), stated (policy), written (JSON Schema), explained and imitated."""
