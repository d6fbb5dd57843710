"""Figures beyond the paper's nine: theory, measurements, maps.

rows      rows of a plate's table
artefact  a table and its pictures, written with their records
twins     T1 to T9
theory    the theory's own figures, drawn by exact and errata
measured  curvature and noise of a figure's runs, drawn by measured_panels
maps      gap and reach, drawn by over_batches, and heat
"""
