"""settings: the names, forms and defaults of the app settings, and the only reader of the environment."""
