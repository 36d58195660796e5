"""Layers and backbones that more than one network is made of, or that keep the names of published weights."""
