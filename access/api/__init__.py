"""The routes by which people sign in, and admins say who may."""
