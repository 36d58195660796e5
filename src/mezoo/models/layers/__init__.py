"""What several networks share: backbones, and layers that behave as another framework's do."""
