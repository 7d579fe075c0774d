"""Value of information: what it is worth to learn some parameters, or to carry out a study."""
