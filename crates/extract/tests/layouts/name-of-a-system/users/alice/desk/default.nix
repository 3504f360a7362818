{
  sops.secrets.of-alice-at-desk = { };
}
