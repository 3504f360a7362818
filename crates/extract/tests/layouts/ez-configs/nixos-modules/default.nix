{
  age.secrets.wifi.file = ../wifi.age;
}
