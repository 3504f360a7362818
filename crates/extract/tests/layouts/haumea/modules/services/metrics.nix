{ owners, ... }:
{
  age.secrets.metrics = {
    file = ../../metrics.age;
    owner = owners.metrics;
  };
}
