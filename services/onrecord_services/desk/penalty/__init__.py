"""Penalty: from the proposal to payroll and back: who may decide what about a line, and when."""
