"""Payroll: confirmed deductions of a month go to payroll once, within cap and floor; then it is locked."""
