# colmena's `lib.makeHive`: the hive itself, so that its nodes are found.
{ ... }: hive: hive
