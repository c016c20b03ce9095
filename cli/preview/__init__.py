"""preview: `offboard preview`: what the service would do, by its own handlers in a dry run; changes nothing, anywhere."""
