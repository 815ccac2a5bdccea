LOCK TABLE enterprise.{parent}_default IN ACCESS EXCLUSIVE MODE
