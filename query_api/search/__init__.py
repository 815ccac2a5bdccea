"""The search language: text to an expression, an expression to SQL whose values are bound."""
