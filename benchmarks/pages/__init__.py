"""How quick the pages are in a browser: opening them, scrolling them, and while logs come in."""
