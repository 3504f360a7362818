{ config, flake, ... }:
{
  age.secrets.certificate = {
    file = flake.inputs.self + /secrets/certificate.age;
    owner = config.services.nginx.user;
  };
}
