SELECT secret
FROM enterprise.signing_keys
WHERE purpose = $1
