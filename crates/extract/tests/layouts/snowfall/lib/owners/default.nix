{ lib, ... }:
{
  ownedBy = owner: { inherit owner; };
}
