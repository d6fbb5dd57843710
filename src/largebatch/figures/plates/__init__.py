"""Figures beyond the paper's nine: theory, measurements, maps.

layout   the plate: title, legend, panels, notes
artefact a table and its pictures, written with their records
twins    T1 to T9
exact    the theory's own figures
"""
