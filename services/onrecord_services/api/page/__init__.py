"""Page: the plain first page. Made here, whole, without a script from anywhere else."""
