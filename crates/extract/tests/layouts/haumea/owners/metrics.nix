{ lib, unused }: lib.toLower "GRAFANA"
