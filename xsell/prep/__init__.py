"""Frames in, frames out: cleaning, the catalogue, profiles, affinities. Opens nothing."""
