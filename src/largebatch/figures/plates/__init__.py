"""Figures beyond the paper's nine: theory, measurements, maps.

layout    the plate: title, legend, panels, notes
rows      rows of a plate's table
artefact  a table and its pictures, written with their records
twins     T1 to T9
exact     the theory's own figures; theory: all of them in one go
measured  curvature and noise of a figure's runs
maps      gap, heat and reach
"""
