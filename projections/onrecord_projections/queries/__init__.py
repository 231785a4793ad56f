"""Queries: what may be asked of the read models; typed rows out, and the position they were read at."""
