"""The images a team may have, and what a recipe makes of them."""
