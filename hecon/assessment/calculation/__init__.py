"""An assessment, or a budget impact, as a calculation that can be done again with other inputs."""
