SELECT enterprise.grant_roles()
