"""Values in, one self-contained HTML page out; opens nothing but its own templates."""
