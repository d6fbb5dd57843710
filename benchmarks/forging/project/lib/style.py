"""How a figure looks."""

COLOURS = {"sgd": "#0072B2", "momentum": "#D55E00"}
