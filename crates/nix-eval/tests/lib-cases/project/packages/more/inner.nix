{ lib }: "inner"
