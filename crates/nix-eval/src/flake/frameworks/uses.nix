# Whether a module that is not in the project is called so: `uses "easy-hosts"`.
lib: missing: word:
lib.any (lib.hasInfix word) missing
