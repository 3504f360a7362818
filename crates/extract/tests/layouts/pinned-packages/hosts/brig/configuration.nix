{
  networking.hostName = "brig";
  age.secrets.oar.file = ../../oar.age;
}
