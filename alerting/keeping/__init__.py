"""What people set for policies: its shapes, how it is checked, and how it is changed, with an audit."""
