"""What talks and what decides: intake, clock, api, and the command line."""
