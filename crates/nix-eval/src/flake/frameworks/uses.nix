# Whether a module that is not in the project is called so: `uses "easy-hosts"`.
lib: missing: name:
lib.any (builtins.elem (lib.toLower name)) missing
